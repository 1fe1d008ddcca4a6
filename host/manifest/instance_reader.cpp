#include "manifest/instance_reader.hpp"

#include <utility>

#include "manifest/integration_reader.hpp"

namespace sluice::manifest {
namespace {

// Notes objects that look like a reference but are none.
void check_references(const cursor& at) {
    for (const cursor& item : at.items())
        check_references(item);
    for (const cursor& each : at.members()) {
        const std::string name = each.name();
        if (!name.starts_with("$")) {
            check_references(each);
        } else if (name != "$env" && name != "$file") {
            each.key_problem("\"" + name + "\" is not a reference",
                             "write { $env: NAME } or { $file: path }");
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

}  // namespace

std::string_view reference_kind(const json::value& content) {
    if (!content.is_object() || content.size() != 1) return {};
    if (content.get("$env").is_string()) return "$env";
    if (content.get("$file").is_string()) return "$file";
    return {};
}

base::error problem_at(const instance_file& instance, const std::string& pointer,
                       std::string message, std::string hint) {
    base::error made =
        base::make_error(base::error_code::invalid_input, std::move(message), std::move(hint));
    made.where = base::source_position{instance.source, 0, 0};
    // What is missing is told where its nearest parent begins.
    for (std::string_view at = pointer; made.where->line == 0; at = at.substr(0, at.rfind('/'))) {
        const auto found = instance.positions.find(at);
        if (found != instance.positions.end()) made.where = found->second;
        if (at.empty()) break;
    }
    return made;
}

instance_file read_instance(const cursor& root) {
    instance_file made;
    made.source = root.source().name;
    made.document = root.content();
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
        if (!each.is_object("a connection")) continue;
        check_references(each);
        instance_file::connection one;
        one.type = each.member("type").text("type").value_or("");
        one.fields = each.content();
        one.fields.erase("type");
        made.connections[each.name()] = std::move(one);
    }
    const document& source = root.source();
    for (const auto& [pointer, place] : source.values) {
        made.positions[pointer] = {source.name, place.line, place.column};
    }
    return made;
}

}  // namespace sluice::manifest
