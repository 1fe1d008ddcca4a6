#include "manifest/call_check.hpp"

#include <algorithm>

#include "expression/suggestion.hpp"
#include "manifest/input_check.hpp"

namespace sluice::manifest {
namespace {

// The newest version that the manifest accepts, or null.
const connector_facts* find_connector(const integration& of, const connector_catalog& known,
                                      const std::string& id) {
    const auto wanted = of.connectors.find(id);
    for (auto each = known.rbegin(); each != known.rend(); ++each) {
        if (each->id != id) continue;
        if (wanted == of.connectors.end() || wanted->second.accepts(each->version)) return &*each;
    }
    return nullptr;
}

void note_missing(const cursor& at, const integration& of, const connector_catalog& known,
                  const std::string& id) {
    std::vector<std::string> ids;
    std::string versions;
    for (const connector_facts& each : known) {
        if (std::find(ids.begin(), ids.end(), each.id) == ids.end()) ids.push_back(each.id);
        if (each.id == id) versions += (versions.empty() ? "" : ", ") + each.version;
    }
    if (!versions.empty()) {
        return at.key_problem("no version of the connector \"" + id + "\" is " +
                                  of.connectors.find(id)->second.text(),
                              "there is " + versions);
    }
    const std::string hint = expression::did_you_mean(id, ids);
    at.key_problem("there is no connector \"" + id + "\"",
                   hint.empty() ? "`sluice connector list` shows what is there" : hint);
}

void check_call(const call_site& site, const integration& of, const connector_catalog& known) {
    const cursor name = site.at.member("call");
    const connector_facts* const connector = find_connector(of, known, site.connector);
    if (connector == nullptr) return;  // said where the manifest names the connector
    const auto action = connector->actions.find(site.action);
    if (action == connector->actions.end()) {
        std::vector<std::string> names;
        for (const auto& [each, ignored] : connector->actions)
            names.push_back(each);
        return name.problem(
            "the connector \"" + site.connector + "\" has no action \"" + site.action + "\"",
            expression::did_you_mean(site.action, names));
    }
    if (site.verifies && !action->second.verifier) {
        name.problem("\"" + site.connector + "." + site.action + "\" verifies nothing",
                     "name an action with the flag `verifier`");
    }
    const bool named = site.at.member("with").member("connection").exists();  // maybe wrongly
    if (action->second.needs_connection && site.connection.empty() && !named) {
        name.problem("\"" + site.connector + "." + site.action + "\" needs a connection",
                     "add `connection: NAME` to `with`");
    }
    // Of a verifier's input the host gives the request.
    check_input(site.at, action->second.input_schema, of, site.verifies ? "request" : "connection");
}

}  // namespace

void check_calls(const std::vector<call_site>& calls, const integration& of,
                 const connector_catalog& known) {
    for (const call_site& each : calls)
        check_call(each, of, known);
}

void check_connectors(const cursor& at, const integration& of, const connector_catalog& known) {
    for (const cursor& each : at.members()) {
        if (find_connector(of, known, each.name()) == nullptr) {
            note_missing(each, of, known, each.name());
        }
    }
}

void check_connections(const cursor& at, const integration& of, const connector_catalog& known) {
    for (const cursor& each : at.members()) {
        const auto declared = of.connections.find(each.name());
        if (declared == of.connections.end() || declared->second.type.empty()) continue;
        const connector_facts* const found = find_connector(of, known, declared->second.connector);
        if (found == nullptr) continue;
        const std::vector<std::string>& types = found->connection_types;
        if (std::find(types.begin(), types.end(), declared->second.type) != types.end()) continue;
        each.member("type").problem("the connector \"" + found->id +
                                        "\" has no connection of the type \"" +
                                        declared->second.type + "\"",
                                    expression::did_you_mean(declared->second.type, types));
    }
}

}  // namespace sluice::manifest
