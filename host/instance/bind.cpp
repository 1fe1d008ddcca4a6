#include "instance/bind.hpp"

#include <utility>

#include "base/log.hpp"
#include "engine/credentials.hpp"
#include "json/text.hpp"

namespace sluice::instance {
namespace {

using texts = std::vector<std::string>;

// Addresses are not credentials, and a message without them helps nobody.
void collect(const json::value& content, texts& into) {
    if (content.is_string()) {
        const std::string& text = content.as_string();
        if (!text.starts_with("http://") && !text.starts_with("https://")) into.push_back(text);
    } else if (content.is_object()) {
        for (const auto& [name, member] : content.members()) {
            if (name != "type") collect(member, into);
        }
    } else if (content.is_array()) {
        for (const json::value& item : content.items())
            collect(item, into);
    }
}

// What of a connection must not come to rest in records. A user name or a region is none of it:
// flows work with values like that.
void collect_secrets(const json::value& fields, const std::string& connector,
                     const manifest::integration& of, const secret_fields& known, texts& into) {
    const auto wanted = of.connectors.find(connector);
    const manifest::version_constraint* const constraint =
        wanted == of.connectors.end() ? nullptr : &wanted->second;
    std::optional<texts> names;
    if (known) names = known(connector, constraint, fields.string_or("type", ""));
    if (!names) return collect(fields, into);
    for (const std::string& name : *names)
        collect(fields.get(name), into);
}

}  // namespace

base::result<engine::bound_flow> bind_instance(
    const manifest::instance_file& instance,
    std::shared_ptr<const manifest::integration> integration, const manifest::environment& lookup,
    const secret_fields& known, std::vector<base::error>* more) {
    manifest::values_outcome read = manifest::resolve_values(instance, *integration, lookup);
    if (!read.problems.empty()) {
        base::error last = std::move(read.problems.back());
        read.problems.pop_back();
        if (more != nullptr) more->insert(more->end(), read.problems.begin(), read.problems.end());
        return last;
    }
    engine::bound_flow out;
    out.instance = instance.name;
    out.config = json::value::object();
    texts secret;  // must come to rest nowhere
    texts logged;  // must not be in a log
    for (const auto& [name, content] : read.values.config.members()) {
        const auto declared = integration->config.find(name);
        if (declared != integration->config.end() && declared->second.secret()) {
            // An authentication may name it: then it is an object, with more secrets inside.
            for (std::string& text : engine::texts_to_hide(content))
                secret.push_back(std::move(text));
            out.secrets[name] = content;
        } else {
            out.config.set(name, content);
        }
    }
    for (const auto& [name, content] : read.values.connections) {
        collect(content, logged);
        const auto declared = integration->connections.find(name);
        const std::string connector =
            declared == integration->connections.end() ? "" : declared->second.connector;
        collect_secrets(content, connector, *integration, known, secret);
        out.connections[name] = json::to_text(content);
    }
    auto hidden = std::make_shared<base::log_secrets>();
    for (const std::string& text : secret) {
        base::add_log_secret(text);
        hidden->add(text);
    }
    for (const std::string& text : logged)
        base::add_log_secret(text);
    if (!secret.empty()) out.hidden = std::move(hidden);
    out.instance_info = json::value::object({{"id", instance.name},
                                             {"customer", instance.customer},
                                             {"integration", integration->id},
                                             {"version", integration->version},
                                             {"webhooks", json::value::object()}});
    out.integration = std::move(integration);
    return out;
}

base::result<bound_version> bind_flows(const manifest::instance_file& instance,
                                       std::shared_ptr<const manifest::integration> integration,
                                       const manifest::environment& lookup,
                                       const secret_fields& known, json::value webhooks,
                                       std::vector<base::error>* more) {
    base::result<engine::bound_flow> values =
        bind_instance(instance, std::move(integration), lookup, known, more);
    if (!values) return std::move(values).error_value();
    values->instance_info.set("webhooks", std::move(webhooks));
    bound_version out;
    for (const manifest::flow& flow : values->integration->flows) {
        auto bound = std::make_shared<engine::bound_flow>(*values);
        bound->flow = &flow;
        out.emplace(flow.name, std::move(bound));
    }
    return out;
}

}  // namespace sluice::instance
