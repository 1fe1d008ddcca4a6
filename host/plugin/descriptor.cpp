#include "plugin/descriptor.hpp"

#include <algorithm>
#include <array>

#include "json/text.hpp"
#include "plugin/descriptor_checker.hpp"
#include "plugin/services.hpp"
#include "sluice/abi.h"
#include "sluice/detail/svg_rules.hpp"

namespace sluice::plugin {

namespace {

using base::error;
using base::error_code;
using json::value;

constexpr std::size_t depth_limit = 64;
constexpr std::size_t docs_limit = 64u << 10;
constexpr std::uint32_t schema_version = 1;

bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

connection_description read_connection(descriptor_checker& check, const std::string& type,
                                       const value& content) {
    static constexpr std::array<std::string_view, 7> kinds = {
        "none", "apiKey", "basic", "bearer", "privateKey", "oauth2", "custom"};
    const std::string key = "connections." + type;
    connection_description connection;
    connection.type = type;
    if (!is_descriptor_name(type)) check.fail(key, "named [a-zA-Z][a-zA-Z0-9]{0,63}");
    if (!content.is_object()) check.fail(key, "an object");
    connection.title = check.text(content, "title", key + ".title", true);
    connection.kind = check.text(content, "kind", key + ".kind", true);
    if (std::ranges::find(kinds, connection.kind) == kinds.end()) {
        check.fail(key + ".kind",
                   "`none`, `apiKey`, `basic`, `bearer`, `privateKey`, `oauth2` or `custom`");
    }
    connection.test = check.text(content, "test", key + ".test", false);
    connection.fields = check.object(content, "fields", key + ".fields");
    const value properties =
        check.object(connection.fields, "properties", key + ".fields.properties");
    if (properties.is_object()) {
        for (const auto& [name, property] : properties.members()) {
            if (!property.is_object()) check.fail(key + ".fields.properties." + name, "an object");
            const json::value* const secret = property.find("secret");
            if (secret == nullptr) continue;
            if (!secret->is_bool()) {
                check.fail(key + ".fields.properties." + name + ".secret", "true or false");
                continue;
            }
            (secret->as_bool() ? connection.secret_fields : connection.harmless_fields)
                .push_back(name);
        }
    }
    const json::value section = check.object(content, "oauth2", key + ".oauth2");
    if (!section.is_object()) return connection;
    if (connection.kind != "oauth2") check.fail(key + ".kind", "`oauth2` beside `oauth2`");
    connection.oauth2 = read_oauth2(check, key + ".oauth2", section, connection.fields);
    return connection;
}

// After the actions.
void check_test(descriptor_checker& check, const descriptor& all,
                const connection_description& connection) {
    if (connection.test.empty()) return;
    const action_description* const action = all.find_action(connection.test);
    if (action != nullptr && action->connection != connection_need::none) return;
    check.fail("connections." + connection.type + ".test",
               "the id of an action that takes a connection");
}

void read_head(descriptor_checker& check, const value& document, descriptor& out) {
    const std::uint32_t schema = check.number(document, "sluice", "sluice");
    if (schema == 0) {
        check.fail("sluice", "1: it is from before ABI 1.0, whose connectors no host loads");
    } else if (schema != schema_version) {
        check.fail("sluice", "1, the only schema this host knows (a newer host may know more)");
    }
    out.id = check.text(document, "id", "id", true);
    if (!is_connector_id(out.id)) check.fail("id", "of the form [a-z][a-z0-9-]{0,63}");
    const auto number = parse_version(check.text(document, "version", "version", true));
    if (!number) check.fail("version", "three numbers such as 1.0.0");
    if (number) out.version = *number;
    out.title = check.text(document, "title", "title", true);
    out.description = check.text(document, "description", "description", false);
    out.vendor = check.text(document, "vendor", "vendor", false);
    out.licence = check.text(document, "licence", "licence", false);
    out.icon = check.text(document, "icon", "icon", false);
    if (document.find("icon") != nullptr) {
        const std::string why = detail::icon_problem(out.icon);
        if (!why.empty()) check.fail("icon", "an SVG that may be shown: it " + why);
    }
    out.docs = check.text(document, "docs", "docs", false);
    if (out.docs.size() > docs_limit) check.fail("docs", "at most 64 KiB long");
    out.in_host = check.text(document, "inHost", "inHost", false);
    const value& abi = document.get("abi");
    if (!abi.is_object()) check.fail("abi", "an object with `major` and `minor`");
    out.abi_major = check.number(abi, "major", "abi.major");
    out.abi_minor = check.number(abi, "minor", "abi.minor");
    const value services = check.object(document, "services", "services");
    out.required_services = check.texts(services, "required", "services.required");
    out.optional_services = check.texts(services, "optional", "services.optional");
}

std::string join(const std::vector<std::string>& parts) {
    std::string text;
    for (const std::string& part : parts)
        text += (text.empty() ? "" : ", ") + part;
    return text;
}

}  // namespace

bool is_connector_id(std::string_view id) {
    return !id.empty() && id.size() <= 64 && is_lower(id.front()) &&
           std::ranges::all_of(id, [](char c) { return is_lower(c) || is_digit(c) || c == '-'; });
}

const action_description* descriptor::find_action(std::string_view wanted) const {
    const auto found = actions.find(wanted);
    return found == actions.end() ? nullptr : &found->second;
}

base::result<descriptor> parse_descriptor(std::string_view json_text) {
    auto parsed = json::parse(json_text, {descriptor_size_limit, depth_limit});
    if (!parsed) {
        error why = std::move(parsed).error_value();
        std::string place;
        if (why.where && why.where->line > 0) {
            place = " (line " + std::to_string(why.where->line) + ", column " +
                    std::to_string(why.where->column) + ")";
        }
        return base::make_error(error_code::invalid_input,
                                "the descriptor is not valid JSON: " + why.message + place,
                                "Correct connector.json and build the connector again.");
    }
    const value& document = *parsed;
    descriptor_checker check;
    descriptor out;
    if (!document.is_object()) {
        check.fail("text", "a JSON object");
        return check.take();
    }
    read_head(check, document, out);
    const value connections = check.object(document, "connections", "connections");
    const value actions = check.object(document, "actions", "actions");
    if (!actions.is_object() || actions.size() == 0) {
        check.fail("actions", "an object with at least one action");
    }
    if (!check.ok()) return check.take();
    if (connections.is_object()) {
        for (const auto& [type, content] : connections.members()) {
            out.connections.emplace(type, read_connection(check, type, content));
        }
    }
    for (const auto& [id, content] : actions.members()) {
        out.actions.emplace(id, read_action(check, id, content));
    }
    for (const auto& [type, connection] : out.connections)
        check_test(check, out, connection);
    if (!check.ok()) return check.take();
    out.document = document;
    return out;
}

base::result<void> check_compatibility(const descriptor& subject) {
    // The descriptor names the lowest minor that the connector works with.
    if (subject.abi_major != SLUICE_ABI_MAJOR || subject.abi_minor > SLUICE_ABI_MINOR) {
        const auto text = [](unsigned major, unsigned minor) {
            return std::to_string(major) + "." + std::to_string(minor);
        };
        const bool newer =
            std::pair(subject.abi_major, subject.abi_minor) >
            std::pair<std::uint32_t, std::uint32_t>(SLUICE_ABI_MAJOR, SLUICE_ABI_MINOR);
        return base::make_error(
            error_code::unsupported,
            "it needs connector ABI " + text(subject.abi_major, subject.abi_minor) +
                ", this host speaks " + text(SLUICE_ABI_MAJOR, SLUICE_ABI_MINOR),
            newer ? "Update the host, or build the connector with this host's SDK."
                  : "Build the connector again with this host's SDK.");
    }
    std::vector<std::string> missing;
    for (const std::string& service : subject.required_services) {
        if (std::ranges::find(offered_services(), service) == offered_services().end()) {
            missing.push_back(service);
        }
    }
    if (missing.empty()) return {};
    return base::make_error(error_code::unsupported,
                            "it requires " + join(missing) + ", which this host does not offer",
                            "Update the host; this one offers " + join(offered_services()) + ".");
}

const std::vector<std::string>& offered_services() {
    static const std::vector<std::string> offered = [] {
        std::vector<std::string> ids;
        for (const service_entry& each : services())
            ids.emplace_back(each.id);
        return ids;
    }();
    return offered;
}

}  // namespace sluice::plugin
