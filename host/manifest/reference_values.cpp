#include "manifest/reference_values.hpp"

#include <filesystem>
#include <optional>
#include <utility>

#include "base/encoding.hpp"
#include "base/file.hpp"
#include "manifest/document.hpp"

namespace sluice::manifest {
namespace {

constexpr std::size_t largest_file = 1 << 20;

}  // namespace

json::value reference_values::resolve(const json::value& content, const std::string& pointer) {
    const std::string_view kind = reference_kind(content);
    if (kind == "$env") return read_variable(content.get("$env").as_string(), pointer);
    if (kind == "$file") return read_file(content.get("$file").as_string(), pointer);
    if (content.is_array()) {
        std::vector<json::value> items;
        for (std::size_t i = 0; i < content.size(); ++i) {
            items.push_back(resolve(content.at(i), pointer_to(pointer, i)));
        }
        return json::value::array(std::move(items));
    }
    if (content.is_object()) {
        std::vector<json::member> members;
        for (const json::member& each : content.members()) {
            members.emplace_back(each.first, resolve(each.second, pointer_to(pointer, each.first)));
        }
        return json::value::object(std::move(members));
    }
    return content;
}

void reference_values::note(const std::string& pointer, std::string message, std::string hint) {
    problems.push_back(problem_at(file_, pointer, std::move(message), std::move(hint)));
}

json::value reference_values::read_variable(const std::string& name, const std::string& pointer) {
    std::optional<std::string> found = lookup_(name);
    if (!found) {
        note(pointer, "the environment variable " + name + " is not set",
             "set it for the host's process");
        return {};
    }
    return keep_text(std::move(*found), "the environment variable " + name, pointer);
}

json::value reference_values::read_file(const std::string& name, const std::string& pointer) {
    std::filesystem::path path = name;
    if (path.is_relative()) path = std::filesystem::path(file_.source).parent_path() / path;
    base::result<std::string> text = base::read_file(path, largest_file);
    if (!text) {
        note(pointer, text.error_value().message, text.error_value().hint);
        return {};
    }
    if (text->ends_with('\n')) text->pop_back();
    if (text->ends_with('\r')) text->pop_back();
    return keep_text(std::move(*text), "the file " + path.string(), pointer);
}

json::value reference_values::keep_text(std::string text, const std::string& what,
                                        const std::string& pointer) {
    if (base::is_valid_utf8(text)) return json::value(std::move(text));
    note(pointer, what + " is not UTF-8 text", "");
    return {};
}

}  // namespace sluice::manifest
