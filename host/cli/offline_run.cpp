#include "cli/offline_run.hpp"

#include <memory>
#include <optional>

#include "base/file.hpp"
#include "cli/environment.hpp"
#include "cli/exit_code.hpp"
#include "cli/mock_calls.hpp"
#include "cli/offline_host.hpp"
#include "cli/output.hpp"
#include "engine/execution.hpp"
#include "instance/bind.hpp"
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

// Without an instance: defaults, and connections that hold nothing (mocks do not look at them).
engine::bound_flow defaults(std::shared_ptr<const manifest::integration> integration) {
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
    out.instance_info =
        json::value::object({{"id", "offline"}, {"webhooks", json::value::object()}});
    out.integration = std::move(integration);
    return out;
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

// Values of the instance file, or defaults without one.
base::result<engine::bound_flow> bind_values(
    const offline_options& options, std::shared_ptr<const manifest::integration> integration) {
    if (options.instance.empty()) return defaults(std::move(integration));
    auto file = manifest::load_instance(options.instance);
    if (!file.content) return file.problems.front();
    for (const base::error& problem : manifest::check_instance(*file.content, *integration)) {
        return problem;
    }
    return instance::bind_instance(*file.content, std::move(integration), environment_variable);
}

base::result<std::shared_ptr<const engine::bound_flow>> bind_flow(const offline_options& options) {
    auto loaded = manifest::load_integration(options.manifest);
    for (std::size_t i = 1; i < loaded.problems.size(); ++i)
        print_error(loaded.problems[i]);
    if (!loaded.content) return loaded.problems.front();
    base::result<engine::bound_flow> values = bind_values(
        options, std::make_shared<const manifest::integration>(std::move(*loaded.content)));
    if (!values) return std::move(values).error_value();
    auto flow = std::make_shared<engine::bound_flow>(std::move(*values));
    flow->flow = flow->integration->find_flow(options.flow);
    if (flow->flow != nullptr) return std::shared_ptr<const engine::bound_flow>(std::move(flow));
    std::string names;
    for (const manifest::flow& one : flow->integration->flows) {
        names += (names.empty() ? "" : ", ") + one.name;
    }
    return base::make_error(base::error_code::not_found,
                            "there is no flow \"" + options.flow + "\" in this manifest",
                            "it has: " + names);
}

int walk(const offline_options& options, offline_host& host, engine::call_port& calls,
         std::shared_ptr<const engine::bound_flow> flow, json::value payload) {
    engine::surroundings surroundings(host.loop(), host.clock(), host.random(), calls);
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
    base::result<std::shared_ptr<const engine::bound_flow>> flow = bind_flow(options);
    if (!flow) return refuse(flow.error_value());
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
