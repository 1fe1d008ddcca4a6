#include "manifest/document.hpp"

#include <utility>

#include "base/encoding.hpp"
#include "json/text.hpp"
#include "manifest/yaml_reader.hpp"

namespace sluice::manifest {
namespace {

constexpr std::size_t largest = 1 << 20;

base::error refuse(const std::string& name, std::string message, std::string hint) {
    base::error made =
        base::make_error(base::error_code::invalid_input, std::move(message), std::move(hint));
    made.where = base::source_position{name, 0, 0};
    return made;
}

}  // namespace

std::string pointer_to(const std::string& pointer, std::string_view key) {
    std::string made = pointer + "/";
    for (const char c : key) {
        if (c == '~') {
            made += "~0";
        } else if (c == '/') {
            made += "~1";
        } else {
            made += c;
        }
    }
    return made;
}

std::string pointer_to(const std::string& pointer, std::size_t index) {
    return pointer + "/" + std::to_string(index);
}

base::source_position document::value_position(std::string_view pointer) const {
    // What is missing is reported where its nearest parent begins.
    while (true) {
        const auto found = values.find(pointer);
        if (found != values.end()) return {name, found->second.line, found->second.column};
        const std::size_t slash = pointer.rfind('/');
        if (slash == std::string_view::npos) return {name, 0, 0};
        pointer = pointer.substr(0, slash);
    }
}

base::source_position document::key_position(std::string_view pointer) const {
    const auto found = keys.find(pointer);
    if (found == keys.end()) return value_position(pointer);
    return {name, found->second.line, found->second.column};
}

std::string_view document::line(int number) const {
    std::size_t start = 0;
    for (int at = 1; at < number; ++at) {
        start = text.find('\n', start);
        if (start == std::string::npos) return {};
        ++start;
    }
    const std::size_t end = text.find('\n', start);
    return std::string_view(text).substr(start, end == std::string::npos ? end : end - start);
}

base::result<document> parse_document(std::string_view text, const std::string& name) {
    if (text.size() > largest) {
        return refuse(name, "the file is larger than 1 MiB", "split it into several integrations");
    }
    if (!base::is_valid_utf8(text)) {
        return refuse(name, "the file is not UTF-8 text", "save it as UTF-8");
    }
    if (text.find('\0') != std::string_view::npos) {
        return refuse(name, "the file holds a zero byte", "save it as UTF-8");
    }
    document made;
    made.name = name;
    made.text = text;
    if (!name.ends_with(".json")) {
        // The parser does not count the mark of UTF-8 either.
        if (text.starts_with("\xEF\xBB\xBF")) made.text.erase(0, 3);
        const base::result<void> read = read_yaml(made);
        if (!read) return read.error_value();
        // Of a file without content the parser tells nothing.
        if (made.values.empty()) made.values[""] = {1, 1};
        return made;
    }
    base::result<json::value> content = json::parse(text, {.bytes = largest, .depth = 64});
    if (!content) {
        base::error problem = content.error_value();
        if (problem.where) problem.where->file = name;
        return problem;
    }
    // JSON is YAML but for details; where it is not, messages do without line numbers.
    document places = made;
    if (read_yaml(places)) made = std::move(places);
    made.content = std::move(*content);
    return made;
}

}  // namespace sluice::manifest
