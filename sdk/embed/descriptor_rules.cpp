#include "descriptor_rules.hpp"

#include <algorithm>

#include "action_rules.hpp"
#include "rule_checker.hpp"
#include "schema_rules.hpp"
#include "sluice/abi.h"
#include "sluice/detail/svg_rules.hpp"
#include "sluice/json.hpp"

namespace sluice::embed {
namespace {

constexpr std::size_t longest_text = 256 * 1024;
constexpr std::size_t longest_docs = 64 * 1024;
constexpr std::size_t deepest = 64;

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return is_lower(c) || (c >= 'A' && c <= 'Z'); }

bool is_connector_id(std::string_view id) {
    return !id.empty() && id.size() <= 64 && is_lower(id.front()) &&
           std::all_of(id.begin(), id.end(),
                       [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

bool is_action_id(std::string_view id) {
    return !id.empty() && id.size() <= 64 && is_letter(id.front()) &&
           std::all_of(id.begin(), id.end(), [](char c) { return is_letter(c) || is_digit(c); });
}

bool is_version(std::string_view text) {
    for (int part = 0; part < 3; ++part) {
        std::size_t digits = 0;
        while (digits < text.size() && is_digit(text[digits]))
            ++digits;
        if (digits == 0 || digits > 9) return false;
        text.remove_prefix(digits);
        if (part < 2) {
            if (!text.starts_with('.')) return false;
            text.remove_prefix(1);
        }
    }
    return text.empty();
}

std::size_t depth_of(const json& value) {
    std::size_t deepest_child = 0;
    for (const json& item : value.items())
        deepest_child = std::max(deepest_child, depth_of(item));
    for (const auto& [key, content] : value.members()) {
        deepest_child = std::max(deepest_child, depth_of(content));
    }
    return value.is_array() || value.is_object() ? deepest_child + 1 : 0;
}

void check_services(rule_checker& rules, const json& descriptor) {
    const json* services = rules.object(descriptor, "", "services");
    if (services == nullptr) return;
    rules.only_known_keys(*services, "/services", {"required", "optional"});
    for (const char* key : {"required", "optional"}) {
        const json* list = rules.array(*services, "/services", key);
        if (list == nullptr) continue;
        for (std::size_t i = 0; i < list->size(); ++i) {
            rules.one_of((*list)[i], below(below("/services", key), i),
                         {"sluice.http/1", "sluice.blob/1", "sluice.state/1", "sluice.work/1",
                          "sluice.timer/1", "sluice.clock/1", "sluice.session/1"});
        }
    }
}

// What the host needs to get tokens. Whether its addresses and fields fit is checked by the host.
void check_oauth2(rule_checker& rules, const json& section, const std::string& path) {
    rules.only_known_keys(section, path,
                          {"grant", "authorizeUrl", "tokenUrl", "revokeUrl", "scopes",
                           "clientAuthentication", "authorizeParameters", "fromToken"});
    if (const json* grant = rules.string(section, path, "grant", true)) {
        rules.one_of(*grant, below(path, "grant"),
                     {"authorizationCode", "clientCredentials", "jwtBearer"});
        const bool by_code = grant->as_string() == "authorizationCode";
        rules.string(section, path, "authorizeUrl", by_code);
    }
    rules.string(section, path, "tokenUrl", true);
    rules.string(section, path, "revokeUrl");
    rules.array(section, path, "scopes");
    if (const json* proof = rules.string(section, path, "clientAuthentication")) {
        rules.one_of(*proof, below(path, "clientAuthentication"), {"basic", "post", "none"});
    }
    rules.object(section, path, "authorizeParameters");
    rules.object(section, path, "fromToken");
}

void check_connection(rule_checker& rules, const json& type, const std::string& path) {
    if (!type.is_object()) {
        rules.refuse(path, std::string("must be an object, it is ") + type.kind_name());
        return;
    }
    rules.only_known_keys(type, path, {"title", "description", "kind", "fields", "test", "oauth2"});
    rules.string(type, path, "title", true);
    rules.string(type, path, "description");
    if (const json* kind = rules.string(type, path, "kind", true)) {
        rules.one_of(*kind, below(path, "kind"),
                     {"none", "apiKey", "basic", "bearer", "privateKey", "oauth2", "custom"});
    }
    if (const json* fields = rules.object(type, path, "fields")) {
        check_fields_schema(rules, *fields, below(path, "fields"));
    }
    rules.string(type, path, "test");
    if (const json* section = rules.object(type, path, "oauth2")) {
        check_oauth2(rules, *section, below(path, "oauth2"));
    }
}

void check_actions(rule_checker& rules, const json& descriptor, bool has_connections) {
    const json* actions = rules.object(descriptor, "", "actions", true);
    if (actions == nullptr) return;
    if (actions->empty()) rules.refuse("/actions", "a connector needs at least one action");
    for (const auto& [id, action] : actions->members()) {
        const std::string path = below("/actions", id);
        if (!is_action_id(id)) {
            rules.refuse(path, "an action's id is a letter, then at most 63 letters or digits");
        }
        check_action(rules, action, path, has_connections);
    }
}

void check_identity(rule_checker& rules, const json& descriptor) {
    rules.number_is(descriptor, "", "sluice", 1, "the schema of this text");
    const json* id = rules.string(descriptor, "", "id", true);
    if (id != nullptr && !is_connector_id(id->as_string())) {
        rules.refuse("/id", "must be a lower-case letter, then at most 63 of a-z, 0-9 and '-'");
    }
    const json* version = rules.string(descriptor, "", "version", true);
    if (version != nullptr && !is_version(version->as_string())) {
        rules.refuse("/version", "must be three numbers such as \"1.0.0\"");
    }
    rules.string(descriptor, "", "title", true);
    for (const char* key : {"description", "vendor", "licence", "inHost"})
        rules.string(descriptor, "", key);
    if (const json* abi = rules.object(descriptor, "", "abi", true)) {
        rules.only_known_keys(*abi, "/abi", {"major", "minor"});
        rules.number_is(*abi, "/abi", "major", SLUICE_ABI_MAJOR, "the one of this SDK's abi.h");
        rules.number_at_most(*abi, "/abi", "minor", SLUICE_ABI_MINOR,
                             "the one of this SDK's abi.h");
    }
}

void check_looks(rule_checker& rules, const json& descriptor) {
    if (const json* icon = rules.string(descriptor, "", "icon")) {
        const std::string why = detail::icon_problem(icon->as_string());
        if (!why.empty()) rules.refuse("/icon", "an icon (SVG) " + why);
    }
    const json* docs = rules.string(descriptor, "", "docs");
    if (docs != nullptr && docs->as_string().size() > longest_docs) {
        rules.refuse("/docs", "must not be longer than 64 KiB");
    }
}

void check_all(rule_checker& rules, const json& descriptor) {
    if (!descriptor.is_object()) {
        rules.refuse("", std::string("must be an object, it is ") + descriptor.kind_name());
        return;
    }
    if (depth_of(descriptor) > deepest) rules.refuse("", "must not be deeper than 64 levels");
    rules.only_known_keys(descriptor, "",
                          {"sluice", "id", "version", "title", "description", "vendor", "licence",
                           "icon", "docs", "inHost", "abi", "services", "connections", "actions"});
    check_identity(rules, descriptor);
    check_looks(rules, descriptor);
    check_services(rules, descriptor);
    const json* connections = rules.object(descriptor, "", "connections");
    const bool has_connections = connections != nullptr && !connections->empty();
    if (has_connections) {
        for (const auto& [name, type] : connections->members()) {
            check_connection(rules, type, below("/connections", name));
        }
    }
    check_actions(rules, descriptor, has_connections);
}

}  // namespace

checked_descriptor check_descriptor(std::string_view text) {
    rule_checker rules;
    checked_descriptor checked;
    try {
        const json descriptor = json_parser(text, json_parser::duplicate_keys::refuse).read_text();
        check_all(rules, descriptor);
        checked.minified = descriptor.dump();
        if (checked.minified.size() > longest_text) {
            rules.refuse("", "must not be longer than 256 KB without white space");
        }
    } catch (const json_error& error) {
        rules.refuse("", error.what());
    }
    checked.problems = rules.take_problems();
    if (!checked.problems.empty()) checked.minified.clear();
    return checked;
}

}  // namespace sluice::embed
