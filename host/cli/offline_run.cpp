#include "cli/offline_run.hpp"

#include <cstdlib>
#include <memory>
#include <optional>

#include "base/file.hpp"
#include "cli/exit_code.hpp"
#include "cli/mock_calls.hpp"
#include "cli/offline_host.hpp"
#include "cli/output.hpp"
#include "engine/execution.hpp"
#include "json/text.hpp"
#include "manifest/load.hpp"

namespace sluice::cli {
namespace {

base::result<json::value> read_json(const std::filesystem::path& file) {
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

template <class T>
std::optional<T> accept(manifest::load_outcome<T> loaded) {
    for (const base::error& problem : loaded.problems)
        print_error(problem);
    return std::move(loaded.content);
}

std::optional<std::string> environment_variable(const std::string& name) {
    const char* content = std::getenv(name.c_str());
    if (content == nullptr) return std::nullopt;
    return std::string(content);
}

// Config defaults, or an instance's values, as the flow sees them.
base::result<void> fill_values(engine::bound_flow& flow, const manifest::instance_file& instance) {
    for (const base::error& problem : manifest::check_instance(instance, *flow.integration)) {
        return problem;
    }
    manifest::values_outcome values =
        manifest::resolve_values(instance, *flow.integration, environment_variable);
    for (const base::error& problem : values.problems)
        return problem;
    for (const auto& [name, content] : values.values.config.members()) {
        const auto declared = flow.integration->config.find(name);
        if (declared != flow.integration->config.end() && declared->second.secret()) {
            flow.secrets[name] = content;
        } else {
            flow.config.set(name, content);
        }
    }
    for (const auto& [name, content] : values.values.connections) {
        flow.connections[name] = json::to_text(content);
    }
    flow.instance = instance.name;
    flow.instance_info = json::value::object({{"id", instance.name},
                                              {"customer", instance.customer},
                                              {"integration", flow.integration->id},
                                              {"version", flow.integration->version},
                                              {"webhooks", json::value::object()}});
    return {};
}

// Without an instance: defaults, and connections that hold nothing (mocks do not look at them).
void fill_defaults(engine::bound_flow& flow) {
    for (const auto& [name, declared] : flow.integration->config) {
        if (declared.secret()) continue;
        flow.config.set(name, declared.default_value.value_or(json::value()));
    }
    for (const auto& [name, declared] : flow.integration->connections) {
        flow.connections[name] = json::to_text(json::value::object({{"type", declared.type}}));
    }
    flow.instance = "offline";
    flow.instance_info =
        json::value::object({{"id", "offline"}, {"webhooks", json::value::object()}});
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

void print_step(const store::step_record& step) {
    print((step.ok ? "  ok    " : "  FAIL  ") + step.name + " (" + step.kind +
          (step.attempt > 1 ? ", try " + std::to_string(step.attempt) : "") + ")\n");
    if (!step.input_json.empty()) print("        in   " + step.input_json + '\n');
    print((step.ok ? "        out  " + step.output_json : "        error " + step.error_json) +
          '\n');
}

int report(const offline_options& options, const engine::end_of_execution& end, json::value steps) {
    const bool good = end.how == engine::end_of_execution::kind::succeeded;
    const json::value outcome = good ? end.output : end.error.to_json();
    if (options.json) {
        print_json(json::value::object({{"state", good ? "succeeded" : "failed"},
                                        {"steps", std::move(steps)},
                                        {good ? "output" : "error", outcome}}));
    } else {
        print((good ? "succeeded: " : "failed: ") + json::to_text(outcome) + '\n');
    }
    return good ? exit_ok : exit_refused;
}

base::result<std::shared_ptr<engine::bound_flow>> bind_flow(const offline_options& options,
                                                            manifest::integration loaded) {
    auto flow = std::make_shared<engine::bound_flow>();
    flow->integration = std::make_shared<const manifest::integration>(std::move(loaded));
    flow->flow = flow->integration->find_flow(options.flow);
    flow->config = json::value::object();
    if (flow->flow != nullptr) return flow;
    std::string names;
    for (const manifest::flow& one : flow->integration->flows) {
        names += (names.empty() ? "" : ", ") + one.name;
    }
    return base::make_error(base::error_code::not_found,
                            "there is no flow \"" + options.flow + "\" in this manifest",
                            "it has: " + names);
}

int walk(const offline_options& options, offline_host& host, engine::call_port& calls,
         std::shared_ptr<engine::bound_flow> flow, json::value payload) {
    engine::surroundings surroundings{
        host.loop(), host.clock(), host.random(), calls, nullptr, {}, {}, {}};
    json::value steps = json::value::array();
    surroundings.on_step = [&](const store::step_record& step, bool) {
        if (options.json) {
            steps.push(step_json(step));
        } else {
            print_step(step);
        }
    };
    engine::start_of_execution start;
    start.id = 1;
    start.flow = std::move(flow);
    start.payload = std::move(payload);
    start.accepted_ms = host.clock().unix_ms();
    engine::execution run(surroundings, std::move(start));
    engine::end_of_execution end;
    host.loop().post([&] {
        run.run([&](engine::end_of_execution outcome) {
            end = std::move(outcome);
            host.finish();
        });
    });
    host.run();
    return report(options, end, std::move(steps));
}

}  // namespace

int run_offline(const offline_options& options) {
    const auto refuse = [](const base::error& why, int code = exit_refused) {
        print_error(why);
        return code;
    };
    auto integration = accept(manifest::load_integration(options.manifest));
    if (!integration) return exit_refused;
    base::result<std::shared_ptr<engine::bound_flow>> flow =
        bind_flow(options, std::move(*integration));
    if (!flow) return refuse(flow.error_value());
    if (options.instance.empty()) {
        fill_defaults(**flow);
    } else {
        auto instance = accept(manifest::load_instance(options.instance));
        if (!instance) return exit_refused;
        base::result<void> filled = fill_values(**flow, *instance);
        if (!filled) return refuse(filled.error_value());
    }
    base::result<json::value> payload = read_json(options.input);
    if (!payload) return refuse(payload.error_value());

    offline_host host;
    if (!options.plugins.empty()) {
        base::result<void> ready = host.use_connectors(options.plugins, options.allow_egress);
        if (!ready) return refuse(ready.error_value(), exit_environment);
    }
    mock_calls calls(host.loop(), host.calls());
    if (!options.mocks.empty()) {
        base::result<json::value> mocks = manifest::read_plain(options.mocks);
        if (!mocks) return refuse(mocks.error_value());
        base::result<void> loaded = calls.load(*mocks);
        if (!loaded) return refuse(loaded.error_value());
    }
    return walk(options, host, calls, std::move(*flow), std::move(*payload));
}

}  // namespace sluice::cli
