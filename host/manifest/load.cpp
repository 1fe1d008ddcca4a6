#include "manifest/load.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "base/file.hpp"
#include "expression/suggestion.hpp"
#include "manifest/cursor.hpp"
#include "manifest/instance_reader.hpp"
#include "manifest/integration_reader.hpp"
#include "manifest/owner_reader.hpp"

namespace sluice::manifest {
namespace {

constexpr std::size_t largest = 1 << 20;

std::vector<std::string> keys_of(const json::value& content) {
    std::vector<std::string> keys;
    if (!content.is_object()) return keys;
    for (const json::member& each : content.members())
        keys.push_back(each.first);
    return keys;
}

template <class T>
load_outcome<T> failed(base::error problem) {
    load_outcome<T> made;
    made.problems.push_back(std::move(problem));
    return made;
}

void sort_by_place(std::vector<base::error>& all) {
    std::stable_sort(all.begin(), all.end(), [](const base::error& a, const base::error& b) {
        return std::tuple(a.where->line, a.where->column) <
               std::tuple(b.where->line, b.where->column);
    });
}

template <class T, class Read>
load_outcome<T> parse(std::string_view text, const std::string& name, const Read& read) {
    const base::result<document> source = parse_document(text, name);
    if (!source) return failed<T>(source.error_value());
    findings found;
    T content = read(cursor(*source, found));
    load_outcome<T> made;
    made.problems = std::move(found.problems);
    made.warnings = std::move(found.warnings);
    sort_by_place(made.problems);
    sort_by_place(made.warnings);
    if (made.problems.empty()) made.content = std::move(content);
    return made;
}

}  // namespace

load_outcome<integration> parse_integration(std::string_view text, const std::string& name,
                                            const connector_catalog* connectors) {
    return parse<integration>(text, name, [connectors](const cursor& root) {
        return read_integration(root, connectors);
    });
}

load_outcome<instance_file> parse_instance(std::string_view text, const std::string& name) {
    return parse<instance_file>(text, name, read_instance);
}

load_outcome<owner_file> parse_owner(std::string_view text, const std::string& name) {
    return parse<owner_file>(text, name, read_owner);
}

load_outcome<integration> load_integration(const std::filesystem::path& file,
                                           const connector_catalog* connectors) {
    const base::result<std::string> text = base::read_file(file, largest);
    if (!text) return failed<integration>(text.error_value());
    return parse_integration(*text, file.string(), connectors);
}

load_outcome<instance_file> load_instance(const std::filesystem::path& file) {
    const base::result<std::string> text = base::read_file(file, largest);
    if (!text) return failed<instance_file>(text.error_value());
    return parse_instance(*text, file.string());
}

load_outcome<owner_file> load_owner(const std::filesystem::path& file) {
    const base::result<std::string> text = base::read_file(file, largest);
    if (!text) return failed<owner_file>(text.error_value());
    return parse_owner(*text, file.string());
}

base::result<file_kind> kind_of_file(const std::filesystem::path& file) {
    const base::result<std::string> text = base::read_file(file, largest);
    if (!text) return text.error_value();
    return kind_of_text(*text, file.string());
}

base::result<file_kind> kind_of_text(std::string_view text, const std::string& name) {
    const base::result<document> source = parse_document(text, name);
    if (!source) return source.error_value();
    const json::value& content = source->content;
    const std::pair<std::string, file_kind> telling[] = {
        {"instance", file_kind::instance}, {"integration", file_kind::integration},
        {"document", file_kind::plain},    {"flows", file_kind::integration},
        {"customer", file_kind::owner},    {"organization", file_kind::owner}};
    for (const auto& [key, kind] : telling) {
        if (content.find(key) != nullptr) return kind;
    }
    // A mistyped one: reading the file says what is wrong with it.
    for (const auto& [key, kind] : telling) {
        const std::vector<std::string> known = {key};
        for (const std::string& each : keys_of(content)) {
            if (!expression::nearest(each, known).empty()) return kind;
        }
    }
    std::string message = "this is no integration, no instance, no customer and no organization";
    if (content.is_null())
        message = "the file is empty; an integration, an instance or a customer was expected";
    if (!content.is_null() && !content.is_object()) {
        message += ", but " + std::string(kind_name(content));
    }
    base::error neither =
        base::make_error(base::error_code::invalid_input, std::move(message),
                         "an integration has the key `integration`, an instance has `instance`, a "
                         "customer `customer`, the organization `organization`");
    neither.where = source->value_position("");
    return neither;
}

bool is_like_owner(const json::value& content) {
    static const std::vector<std::string> known = {"manifest", "customer", "organization",
                                                   "title",    "labels",   "connections"};
    const std::vector<std::string> keys = keys_of(content);
    return std::all_of(keys.begin(), keys.end(), [](const std::string& key) {
        return std::find(known.begin(), known.end(), key) != known.end() ||
               !expression::nearest(key, known).empty();
    });
}

base::result<json::value> read_plain(const std::filesystem::path& file) {
    const base::result<std::string> text = base::read_file(file, largest);
    if (!text) return text.error_value();
    base::result<document> source = parse_document(*text, file.string());
    if (!source) return std::move(source).error_value();
    return std::move(source->content);
}

base::source_position place_in_file(const std::filesystem::path& file, const std::string& pointer) {
    const base::source_position unknown{file.string(), 0, 0};
    const base::result<std::string> text = base::read_file(file, largest);
    if (!text) return unknown;
    const base::result<document> source = parse_document(*text, file.string());
    return source ? source->value_position(pointer) : unknown;
}

}  // namespace sluice::manifest
