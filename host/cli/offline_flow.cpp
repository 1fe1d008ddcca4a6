#include "cli/offline_flow.hpp"

#include <string>
#include <utility>
#include <variant>

#include "base/file.hpp"
#include "cli/output.hpp"
#include "json/text.hpp"
#include "manifest/load.hpp"

namespace sluice::cli {

base::result<json::value> read_json_file(const std::filesystem::path& file) {
    if (file.extension() == ".yaml" || file.extension() == ".yml") {
        return manifest::read_plain(file);
    }
    base::result<std::string> text = base::read_file(file);
    if (!text) return std::move(text).error_value();
    base::result<json::value> content = json::parse(*text);
    if (!content) {
        base::error why = std::move(content).error_value();
        if (why.where) why.where->file = file.string();
        return why;
    }
    return content;
}

json::value offline_webhooks(const manifest::integration& integration) {
    json::value out = json::value::object();
    for (const std::string& flow : manifest::flows_with_address(integration))
        out.set(flow, "https://hooks.example/" + flow);
    // A preprocess flow's address is that of all that it chooses from.
    const std::string& shared = integration.endpoint.preprocess;
    for (const manifest::flow& flow : integration.flows) {
        if (shared.empty()) break;
        if (std::holds_alternative<manifest::webhook_trigger>(flow.trigger)) {
            out.set(flow.name, "https://hooks.example/" + shared);
        }
    }
    return out;
}

engine::bound_flow default_values(std::shared_ptr<const manifest::integration> integration) {
    engine::bound_flow out;
    out.config = json::value::object();
    for (const auto& [name, declared] : integration->config) {
        if (!declared.secret()) {
            out.config.set(name, declared.default_value.value_or(json::value()));
        }
    }
    for (const auto& [name, declared] : integration->connections) {
        out.connections[name] = json::to_text(json::value::object({{"type", declared.type}}));
    }
    out.instance = "offline";
    out.instance_info = json::value::object({{"id", "offline"},
                                             {"customer", "offline"},
                                             {"integration", integration->id},
                                             {"version", integration->version},
                                             {"webhooks", offline_webhooks(*integration)}});
    out.integration = std::move(integration);
    return out;
}

base::result<std::shared_ptr<const engine::bound_flow>> choose_flow(engine::bound_flow values,
                                                                    const std::string& name) {
    auto flow = std::make_shared<engine::bound_flow>(std::move(values));
    flow->flow = flow->integration->find_flow(name);
    if (flow->flow != nullptr) return std::shared_ptr<const engine::bound_flow>(std::move(flow));
    std::string names;
    for (const manifest::flow& one : flow->integration->flows)
        names += (names.empty() ? "" : ", ") + one.name;
    return base::make_error(base::error_code::not_found,
                            "there is no flow \"" + name + "\" in this manifest",
                            "it has: " + names);
}

json::value step_json(const store::step_record& step) {
    json::value out = json::value::object({{"name", step.name},
                                           {"kind", step.kind},
                                           {"reference", step.path},
                                           {"attempt", step.attempt},
                                           {"ok", step.ok}});
    if (!step.input_json.empty()) out.set("input", json_or_text(step.input_json));
    if (!step.connector.empty()) out.set("connector", step.connector);
    out.set(step.ok ? "output" : "error",
            json_or_text(step.ok ? step.output_json : step.error_json));
    return out;
}

}  // namespace sluice::cli
