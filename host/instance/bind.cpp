#include "instance/bind.hpp"

#include <utility>

#include "base/log.hpp"
#include "engine/credentials.hpp"
#include "json/text.hpp"
#include "manifest/document.hpp"

namespace sluice::instance {
namespace {

using texts = std::vector<std::string>;

// The JSON text of each shared connection, and whose it is, into `out`.
std::vector<base::error> add_shared(const manifest::instance_file& instance,
                                    const owner_map* owners, engine::bound_flow& out) {
    std::vector<base::error> problems;
    const auto note = [&](const std::string& name, std::string message, std::string hint) {
        problems.push_back(manifest::problem_at(instance,
                                                manifest::pointer_to("/connections", name),
                                                std::move(message), std::move(hint)));
    };
    for (const auto& [name, given] : instance.connections) {
        const auto of = manifest::parse_shared(given.shared);
        if (!of) continue;
        engine::shared_connection from = origin_of(instance, *of);
        const owner* const its = owners == nullptr ? nullptr : find_owner(*owners, from.owner);
        if (owners == nullptr) {
            const auto declared = out.integration->connections.find(name);
            const bool known = declared != out.integration->connections.end();
            out.connections[name] = json::to_text(
                json::value::object({{"type", known ? declared->second.type : std::string()}}));
        } else if (its == nullptr || !its->connections.contains(from.name)) {
            note(name, owner_text(from.owner) + " has no connection \"" + from.name + '"',
                 "apply a file of it that has it");
        } else if (const auto& text = its->connections.at(from.name); !text) {
            // Why is for those who have the owner's file.
            note(name,
                 "the references in the connection \"" + from.name + "\" of " +
                     owner_text(from.owner) + " could not be read",
                 "apply its owner's file again when they can be read");
        } else {
            out.connections[name] = *text;
        }
        out.shared[name] = std::move(from);
    }
    return problems;
}

}  // namespace

base::result<engine::bound_flow> bind_instance(
    const manifest::instance_file& instance,
    std::shared_ptr<const manifest::integration> integration, const owner_map* owners,
    const manifest::environment& lookup, const secret_fields& known,
    std::vector<base::error>* more) {
    manifest::values_outcome read = manifest::resolve_values(instance, *integration, lookup);
    engine::bound_flow out;
    out.instance = instance.name;
    out.integration = integration;
    for (base::error& one : add_shared(instance, owners, out))
        read.problems.push_back(std::move(one));
    if (!read.problems.empty()) {
        base::error last = std::move(read.problems.back());
        read.problems.pop_back();
        if (more != nullptr) more->insert(more->end(), read.problems.begin(), read.problems.end());
        return last;
    }
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
    for (const auto& [name, content] : read.values.connections)
        out.connections[name] = json::to_text(content);
    for (const auto& [name, text] : out.connections) {
        const json::value content = json::parse(text).value();
        const auto declared = integration->connections.find(name);
        const std::string connector =
            declared == integration->connections.end() ? "" : declared->second.connector;
        const manifest::version_constraint* const wanted = out.constraint(connector);
        // bind_owner() has seen to what is shared, with its owner's file.
        const auto own = read.values.connections.find(name);
        if (own != read.values.connections.end()) {
            collect_logged(content, instance.connections.at(name).fields, connector, wanted, known,
                           logged);
        }
        collect_secrets(content, connector, wanted, known, secret);
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
    return out;
}

base::result<bound_version> bind_flows(const manifest::instance_file& instance,
                                       std::shared_ptr<const manifest::integration> integration,
                                       const owner_map& owners, const manifest::environment& lookup,
                                       const secret_fields& known, json::value webhooks,
                                       std::vector<base::error>* more) {
    base::result<engine::bound_flow> values =
        bind_instance(instance, std::move(integration), &owners, lookup, known, more);
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
