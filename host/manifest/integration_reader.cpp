#include "manifest/integration_reader.hpp"

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "base/encoding.hpp"
#include "expression/suggestion.hpp"
#include "json/text.hpp"
#include "manifest/alert_reader.hpp"
#include "manifest/callback_flow.hpp"
#include "manifest/computes_only.hpp"
#include "manifest/config_reader.hpp"
#include "manifest/endpoint_reader.hpp"
#include "manifest/flow_reader.hpp"
#include "manifest/poll_flow.hpp"
#include "manifest/trigger_reader.hpp"
#include "manifest/use_reader.hpp"

namespace sluice::manifest {
namespace {

bool is_version(std::string_view text) {
    const auto exact = version_constraint::parse(text);
    return exact && std::count(text.begin(), text.end(), '.') == 2 && text.front() >= '0' &&
           text.front() <= '9';
}

void read_head(const cursor& root, integration& into) {
    const cursor manifest = root.member("manifest");
    const bool one = manifest.content() == json::value("1") || manifest.content() == json::value(1);
    if (manifest.is_mistyped()) {
        // Noted already.
    } else if (!manifest.exists()) {
        root.problem("this is not a manifest: `manifest` is missing", "begin with manifest: \"1\"");
    } else if (!one) {
        manifest.problem("this manifest's version is not known", "write manifest: \"1\"");
    }
    const std::optional<std::string> dsl = root.member("dsl").text("dsl");
    if (dsl && !dsl->starts_with("1.0.")) {
        root.member("dsl").problem("dsl " + *dsl + " is not known", "write dsl: 1.0.3");
    }
    const cursor head = root.member("integration");
    if (!head.is_object("integration")) return;
    head.refuse_unknown("integration", {"namespace", "name", "version", "title", "description"});
    const auto name = [&head](std::string_view key) {
        const cursor at = head.member(key);
        const std::optional<std::string> text = at.text(key, true);
        if (text && !is_slug(*text)) {
            at.problem("\"" + *text + "\" is not a " + std::string(key),
                       "use lower-case letters, digits and dashes");
        }
        return text.value_or("");
    };
    const std::string space = name("namespace");
    into.id = space + "/" + name("name");
    into.version = head.member("version").text("version", true).value_or("");
    if (!into.version.empty() && !is_version(into.version)) {
        head.member("version").problem("\"" + into.version + "\" is not a version",
                                       "write three numbers, like 1.0.0");
    }
    into.title = head.member("title").text("title").value_or(into.id);
}

void read_connectors(const cursor& at, integration& into) {
    if (!at.exists() || !at.is_object("connectors")) return;
    for (const cursor& each : at.members()) {
        const std::optional<std::string> text = each.text("a version constraint", true);
        if (!text) continue;
        const base::result<version_constraint> parsed = version_constraint::parse(*text);
        if (!parsed) each.problem(parsed.error_value().message, parsed.error_value().hint);
        into.connectors[each.name()] = parsed ? *parsed : version_constraint();
    }
}

void read_connections(const cursor& at, integration& into) {
    if (!at.exists() || !at.is_object("connections")) return;
    std::vector<std::string> known;
    for (const auto& [name, ignored] : into.connectors)
        known.push_back(name);
    for (const cursor& each : at.members()) {
        if (!each.is_object("a connection")) continue;
        each.refuse_unknown("a connection", {"connector", "type", "title", "description"});
        connection_declaration made;
        made.where = each.key_where();
        made.connector = each.member("connector").text("connector", true).value_or("");
        made.type = each.member("type").text("type").value_or("");
        if (!made.connector.empty() &&
            into.connectors.find(made.connector) == into.connectors.end()) {
            each.member("connector")
                .problem("the connector \"" + made.connector +
                             "\" is not among the manifest's connectors",
                         known.empty() ? "add it to `connectors`"
                                       : expression::did_you_mean(made.connector, known));
        }
        into.connections[each.name()] = std::move(made);
    }
}

// Flows that the host runs for others.
void add_flows_of_the_host(const cursor& at, integration& into) {
    std::vector<flow> made;
    for (const alert& each : into.alerts)
        made.push_back(make_alert_flow(each));
    for (const flow& each : into.flows) {
        if (each.callback) made.push_back(make_callback_flow(each));
        const auto* const asks = std::get_if<poll_trigger>(&each.trigger);
        if (asks == nullptr) continue;
        if (asks->fetch) made.push_back(make_fetch_flow(each));
        if (asks->acknowledge) made.push_back(make_acknowledge_flow(each));
    }
    for (flow& each : made) {
        if (into.find_flow(each.name) != nullptr) {
            at.member(each.name).key_problem(
                "the name \"" + each.name + "\" is one that the host uses for another flow",
                "give the flow another name");
        }
        into.flows.push_back(std::move(each));
    }
}

// Whether some expression may read one of these variables: their names stand in the text.
bool may_read(const json::value& document, std::initializer_list<std::string_view> names) {
    const std::string text = json::to_text(document);
    for (std::size_t at = text.find('$'); at != std::string::npos; at = text.find('$', at + 1)) {
        const std::string_view rest = std::string_view(text).substr(
            std::min(text.find_first_not_of(" \t", at + 1), text.size()));
        for (const std::string_view name : names) {
            if (rest.starts_with(name)) return true;
        }
    }
    return false;
}

void read_flows(const cursor& at, reading& shared, integration& into) {
    if (!at.is_object("flows")) return;
    if (at.content().size() == 0) at.problem("an integration needs a flow");
    for (const cursor& each : at.members()) {
        into.flows.push_back(read_flow(each, shared));
        if (std::holds_alternative<preprocess_trigger>(into.flows.back().trigger) &&
            into.endpoint.preprocess != each.name()) {
            each.key_warning(
                "nothing starts the flow \"" + each.name() + "\"",
                "write endpoint: { scope: instance, preprocess: " + each.name() + " }");
        }
    }
}

json::value sorted(const json::value& content) {
    if (content.is_array()) {
        std::vector<json::value> items;
        for (const json::value& item : content.items())
            items.push_back(sorted(item));
        return json::value::array(std::move(items));
    }
    if (!content.is_object()) return content;
    std::vector<json::member> members(content.members().begin(), content.members().end());
    std::sort(members.begin(), members.end(),
              [](const json::member& a, const json::member& b) { return a.first < b.first; });
    for (json::member& each : members)
        each.second = sorted(each.second);
    return json::value::object(std::move(members));
}

}  // namespace

bool is_slug(std::string_view text) {
    if (text.empty() || text.size() > 64 || text.front() == '-' || text.back() == '-') return false;
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

std::string content_hash(const json::value& content) {
    return base::to_hex(base::sha256(json::to_text(sorted(content))));
}

integration read_integration(const cursor& root, const connector_catalog* connectors) {
    integration made;
    made.document = root.content();
    made.source = root.source().name;
    made.hash = content_hash(root.content());
    if (!root.is_file_of("a manifest", "manifest: \"1\"")) return made;
    root.refuse_unknown("a manifest",
                        {"manifest", "dsl", "integration", "connectors", "connections", "config",
                         "pages", "renamed", "endpoint", "use", "flows", "alerts"});
    read_head(root, made);
    read_connectors(root.member("connectors"), made);
    read_connections(root.member("connections"), made);
    read_config(root.member("config"), made);
    read_pages(root, made);
    read_renamed(root, made);
    reading shared;
    shared.of = &made;
    const cursor flows = root.member("flows");
    for (const cursor& each : flows.members())
        shared.triggers[each.name()] = trigger_name(each.content());
    read_endpoint(root.member("endpoint"), shared, made);
    expression_context everywhere;
    everywhere.variables = {"config", "instance", "steps",    "trigger", "context",
                            "input",  "task",     "workflow", "runtime"};
    everywhere.config = &made.config;
    shared.use = read_use(root.member("use"), everywhere, false);
    read_functions(shared);
    read_flows(flows, shared, made);
    read_alerts(root.member("alerts"), shared, made);
    add_flows_of_the_host(flows, made);
    for (flow& each : made.flows)
        each.only_computes = computes_only(each);
    read_config_sources(root.member("config"), shared, made);
    warn_about_unused(root.member("use"), shared.use);
    const bool reads = may_read(root.content(), {"task", "workflow", "runtime"});
    for (flow& each : made.flows)
        each.uses_own_facts = reads;
    if (connectors != nullptr) {
        check_connectors(root.member("connectors"), made, *connectors);
        check_connections(root.member("connections"), made, *connectors);
        check_calls(shared.calls, made, *connectors);
    }
    return made;
}

std::string_view current_config_name(const integration& of, std::string_view name) {
    const auto found = of.renamed_config.find(name);
    return found == of.renamed_config.end() ? name : std::string_view(found->second);
}

const flow* integration::find_flow(std::string_view name) const {
    for (const flow& each : flows) {
        if (each.name == name) return &each;
    }
    return nullptr;
}

}  // namespace sluice::manifest
