#include "namespaces.hpp"

#include <sluice/failure.hpp>

namespace xml {

using sluice::failure;

bool is_declaration(std::string_view attribute) {
    return attribute == "xmlns" || attribute.starts_with("xmlns:");
}

void namespaces::enter(attribute_list attributes) {
    constexpr std::size_t most = 1000;
    constexpr std::size_t longest_uri = 1000;
    declarations& made = levels_.emplace_back();
    for (; *attributes != nullptr; attributes += 2) {
        const std::string_view name = attributes[0];
        if (!is_declaration(name)) continue;
        if (++count_ > most) {
            throw failure(SLUICE_INVALID_INPUT, "more than 1000 namespaces are declared");
        }
        // With `expand` it becomes a part of every name.
        if (std::string_view(attributes[1]).size() > longest_uri) {
            throw failure(SLUICE_INVALID_INPUT, "a namespace of more than 1000 bytes");
        }
        made.emplace_back(name == "xmlns" ? "" : name.substr(6), attributes[1]);
    }
}

void namespaces::leave() {
    count_ -= levels_.back().size();
    levels_.pop_back();
}

const std::string* namespaces::find(std::string_view prefix) const {
    for (auto level = levels_.rbegin(); level != levels_.rend(); ++level) {
        for (const auto& [known, uri] : *level) {
            if (known == prefix) return &uri;
        }
    }
    return nullptr;
}

std::string namespaces::element_name(std::string_view written) const { return name(written, true); }

std::string namespaces::attribute_name(std::string_view written) const {
    return name(written, false);
}

std::string namespaces::name(std::string_view written, bool use_default) const {
    if (options_.names == naming::keep) return std::string(written);
    const std::size_t colon = written.find(':');
    const bool prefixed = colon != written.npos;
    const std::string_view prefix = prefixed ? written.substr(0, colon) : std::string_view();
    const std::string local(prefixed ? written.substr(colon + 1) : written);
    if (prefix == "xml") return std::string(written);
    const std::string* uri = prefixed || use_default ? find(prefix) : nullptr;
    if (prefixed && (uri == nullptr || uri->empty())) {
        throw failure(SLUICE_INVALID_INPUT,
                      "the prefix of '" + std::string(written) + "' is not declared");
    }
    if (options_.names == naming::local || uri == nullptr || uri->empty()) return local;
    const auto known = options_.prefixes.find(*uri);
    if (known == options_.prefixes.end()) return "{" + *uri + "}" + local;
    return known->second.empty() ? local : known->second + ":" + local;
}

}  // namespace xml
