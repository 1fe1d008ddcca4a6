#include "manifest/instance_reader.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "manifest/integration_reader.hpp"

namespace sluice::manifest {

void check_references(const cursor& at) {
    for (const cursor& item : at.items())
        check_references(item);
    for (const cursor& each : at.members()) {
        const std::string name = each.name();
        if (!name.starts_with("$")) {
            check_references(each);
        } else if (name != "$env" && name != "$file") {
            each.key_problem("\"" + name + "\" is not a reference",
                             name == "$shared" ? "a connection as a whole can be shared, in the "
                                                 "file of an instance"
                                               : "write { $env: NAME } or { $file: path }");
        } else if (at.content().size() != 1) {
            at.problem("a reference stands alone",
                       "write { " + name + ": ... } and nothing beside");
        } else {
            const std::optional<std::string> target = each.text("a reference's target", true);
            if (target && target->empty()) each.problem("a reference's target cannot be empty");
        }
    }
}

std::string read_name(const cursor& at, std::string_view what) {
    const std::optional<std::string> text = at.text(what, true);
    if (text && !is_slug(*text)) {
        at.problem("\"" + *text + "\" is not a name for " + std::string(what),
                   "use lower-case letters, digits and dashes");
    }
    return text.value_or("");
}

void take_source(const cursor& root, applied_file& into) {
    into.source = root.source().name;
    into.document = root.content();
    for (const auto& [pointer, place] : root.source().values)
        into.positions[pointer] = {into.source, place.line, place.column};
}

namespace {

instance_file::connection read_connection(const cursor& at) {
    instance_file::connection one;
    const cursor shared = at.member("$shared");
    if (!shared.exists()) {
        check_references(at);
        one.type = at.member("type").text("type").value_or("");
        one.fields = at.content();
        one.fields.erase("type");
        return one;
    }
    one.fields = json::value::object();
    if (at.content().size() != 1) {
        at.problem("a shared connection stands alone",
                   "write { $shared: ... } and nothing beside: its fields are its owner's");
    }
    const std::optional<std::string> text = shared.text("a shared connection", true);
    if (text && !parse_shared(*text)) {
        shared.problem("\"" + *text + "\" does not say whose connection it is",
                       "write customer/NAME for one of the instance's customer, or "
                       "organization/NAME");
    }
    one.shared = text.value_or("");
    return one;
}

}  // namespace

bool instance_file::shares() const {
    return std::any_of(connections.begin(), connections.end(),
                       [](const auto& each) { return !each.second.shared.empty(); });
}

instance_file read_instance(const cursor& root) {
    instance_file made;
    take_source(root, made);
    if (!root.is_file_of("an instance", "instance: name")) return made;
    root.refuse_unknown("an instance", {"manifest", "instance", "customer", "integration", "config",
                                        "connections"});
    made.name = read_name(root.member("instance"), "instance");
    made.customer = read_name(root.member("customer"), "customer");
    const cursor integration = root.member("integration");
    made.integration = integration.text("integration", true).value_or("");
    const std::size_t slash = made.integration.find('/');
    if (!made.integration.empty() &&
        (slash == std::string::npos || !is_slug(made.integration.substr(0, slash)) ||
         !is_slug(made.integration.substr(slash + 1)))) {
        integration.problem("\"" + made.integration + "\" does not name an integration",
                            "write namespace/name");
    }
    made.config = json::value::object();
    const cursor config = root.member("config");
    if (config.exists() && config.is_object("config")) {
        made.config = config.content();
        check_references(config);
    }
    const cursor connections = root.member("connections");
    if (connections.exists()) connections.is_object("connections");
    for (const cursor& each : connections.members()) {
        if (each.is_object("a connection")) made.connections[each.name()] = read_connection(each);
    }
    return made;
}

}  // namespace sluice::manifest
