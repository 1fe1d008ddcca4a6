#include "instance/bind.hpp"

#include <utility>

#include "base/log.hpp"
#include "json/text.hpp"

namespace sluice::instance {
namespace {

// Credentials must never be written to a log. Addresses are not credentials, and a message without
// them helps nobody.
void hide_from_logs(const json::value& content) {
    if (content.is_string()) {
        const std::string& text = content.as_string();
        if (text.starts_with("http://") || text.starts_with("https://")) return;
        base::add_log_secret(text);
    } else if (content.is_object()) {
        for (const auto& [name, member] : content.members()) {
            if (name != "type") hide_from_logs(member);
        }
    } else if (content.is_array()) {
        for (const json::value& item : content.items()) {
            hide_from_logs(item);
        }
    }
}

}  // namespace

base::result<engine::bound_flow> bind_instance(
    const manifest::instance_file& instance,
    std::shared_ptr<const manifest::integration> integration, const manifest::environment& lookup) {
    manifest::values_outcome read = manifest::resolve_values(instance, *integration, lookup);
    if (!read.problems.empty()) return read.problems.front();
    engine::bound_flow out;
    out.instance = instance.name;
    out.config = json::value::object();
    for (const auto& [name, content] : read.values.config.members()) {
        const auto declared = integration->config.find(name);
        if (declared != integration->config.end() && declared->second.secret()) {
            hide_from_logs(content);
            out.secrets[name] = content;
        } else {
            out.config.set(name, content);
        }
    }
    for (const auto& [name, content] : read.values.connections) {
        hide_from_logs(content);
        out.connections[name] = json::to_text(content);
    }
    out.instance_info = json::value::object({{"id", instance.name},
                                             {"customer", instance.customer},
                                             {"integration", integration->id},
                                             {"version", integration->version},
                                             {"webhooks", json::value::object()}});
    out.integration = std::move(integration);
    return out;
}

}  // namespace sluice::instance
