#include "manifest/applied_file.hpp"

#include <utility>

#include "manifest/document.hpp"

namespace sluice::manifest {
namespace {

void collect_references(const json::value& content, const std::string& pointer,
                        std::map<std::string, json::value>& into) {
    if (!reference_kind(content).empty()) {
        into.emplace(pointer, content);
    } else if (content.is_object()) {
        for (const auto& [name, member] : content.members())
            collect_references(member, pointer_to(pointer, name), into);
    } else if (content.is_array()) {
        for (std::size_t i = 0; i < content.size(); ++i)
            collect_references(content.at(i), pointer_to(pointer, i), into);
    }
}

}  // namespace

base::error problem_at(const applied_file& file, const std::string& pointer, std::string message,
                       std::string hint) {
    base::error made =
        base::make_error(base::error_code::invalid_input, std::move(message), std::move(hint));
    made.where = base::source_position{file.source, 0, 0};
    // What is missing is told where its nearest parent begins.
    for (std::string_view at = pointer; made.where->line == 0; at = at.substr(0, at.rfind('/'))) {
        const auto found = file.positions.find(at);
        if (found != file.positions.end()) made.where = found->second;
        if (at.empty()) break;
    }
    return made;
}

std::string_view reference_kind(const json::value& content) {
    if (!content.is_object() || content.size() != 1) return {};
    if (content.get("$env").is_string()) return "$env";
    if (content.get("$file").is_string()) return "$file";
    return {};
}

std::map<std::string, json::value> references_of(const json::value& document) {
    std::map<std::string, json::value> out;
    collect_references(document, "", out);
    return out;
}

}  // namespace sluice::manifest
