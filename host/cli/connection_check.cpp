#include "cli/connection_check.hpp"

#include <algorithm>
#include <string>

#include "expression/suggestion.hpp"
#include "manifest/document.hpp"

namespace sluice::cli {
namespace {

using plugin::oauth2_description;

// The newest version that fits; null: there is none.
const plugin::descriptor* find(const plugin::scan_result& connectors,
                               const manifest::version_constraint* wanted, const std::string& id) {
    const plugin::descriptor* best = nullptr;
    for (const plugin::found_connector& each : connectors.found) {
        const plugin::descriptor& one = each.description;
        const bool fits =
            one.id == id && (wanted == nullptr || wanted->accepts(one.version.to_text()));
        if (fits && (best == nullptr || best->version < one.version)) best = &one;
    }
    return best;
}

std::vector<std::string> needed_fields(const plugin::connection_description& type) {
    std::vector<std::string> out;
    const json::value& required = type.fields.get("required");
    if (required.is_array()) {
        for (const json::value& name : required.items()) {
            if (name.is_string()) out.push_back(name.as_string());
        }
    }
    if (!type.oauth2) return out;
    const bool by_key = type.oauth2->grant == oauth2_description::grant_kind::jwt_bearer;
    out.emplace_back(by_key ? "privateKey" : "clientId");
    if (type.oauth2->proof != oauth2_description::client_proof::none) {
        out.emplace_back("clientSecret");
    }
    return out;
}

// A field of the file that is mistyped for this one; empty: none.
std::string mistyped(const std::string& wanted, const json::value& fields,
                     const json::value& declared) {
    std::vector<std::string> unknown;
    for (const auto& [name, ignored] : fields.members()) {
        if (name != "type" && declared.find(name) == nullptr) unknown.push_back(name);
    }
    return expression::nearest(wanted, unknown);
}

// What the connection `name` of a file lacks.
void check_one(const manifest::applied_file& file, const std::string& name, const std::string& type,
               const json::value& fields, const plugin::descriptor& known,
               std::vector<base::error>& found) {
    const std::string pointer = manifest::pointer_to("/connections", name);
    const auto description = known.connections.find(type);
    if (description == known.connections.end()) {
        std::vector<std::string> types;
        for (const auto& [each, ignored] : known.connections)
            types.push_back(each);
        found.push_back(manifest::problem_at(
            file, manifest::pointer_to(pointer, "type"),
            "the connector \"" + known.id + "\" has no connection of the type \"" + type + '"',
            expression::did_you_mean(type, types)));
        return;
    }
    std::vector<std::string> told;
    for (const std::string& field : needed_fields(description->second)) {
        const bool twice = std::find(told.begin(), told.end(), field) != told.end();
        if (twice || fields.find(field) != nullptr) continue;
        const std::string near =
            mistyped(field, fields, description->second.fields.get("properties"));
        const std::string message = "the connection " + name + " lacks `" + field + "`";
        found.push_back(
            near.empty() ? manifest::problem_at(
                               file, pointer, message,
                               "connections of type " + type + " of " + known.id + " need it")
                         : manifest::problem_at(file, manifest::pointer_to(pointer, near), message,
                                                "write " + field + " in place of " + near));
        told.push_back(field);
    }
}

}  // namespace

std::vector<base::error> check_connection_fields(const manifest::instance_file& instance,
                                                 const manifest::integration& of,
                                                 const plugin::scan_result& connectors) {
    std::vector<base::error> found;
    for (const auto& [name, given] : instance.connections) {
        const auto declared = of.connections.find(name);
        if (declared == of.connections.end() || !given.shared.empty()) continue;
        const std::string& connector = declared->second.connector;
        const auto wanted = of.connectors.find(connector);
        const plugin::descriptor* const known =
            find(connectors, wanted == of.connectors.end() ? nullptr : &wanted->second, connector);
        if (known == nullptr) continue;
        const std::string& type = given.type.empty() ? declared->second.type : given.type;
        check_one(instance, name, type, given.fields, *known, found);
    }
    return found;
}

std::vector<base::error> check_connection_fields(const manifest::owner_file& owner,
                                                 const plugin::scan_result& connectors) {
    std::vector<base::error> found;
    for (const auto& [name, given] : owner.connections) {
        const plugin::descriptor* const known = find(connectors, nullptr, given.connector);
        if (known != nullptr) check_one(owner, name, given.type, given.fields, *known, found);
    }
    return found;
}

}  // namespace sluice::cli
