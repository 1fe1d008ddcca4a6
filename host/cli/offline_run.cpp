#include "cli/offline_run.hpp"

#include <cstdio>
#include <memory>
#include <optional>

#include "cli/environment.hpp"
#include "cli/exit_code.hpp"
#include "cli/given_files.hpp"
#include "cli/mock_calls.hpp"
#include "cli/offline_flow.hpp"
#include "cli/offline_host.hpp"
#include "cli/output.hpp"
#include "engine/offline.hpp"
#include "instance/bind.hpp"
#include "json/text.hpp"
#include "manifest/load.hpp"

namespace sluice::cli {
namespace {

void print_step(const store::step_record& step) {
    print((step.ok ? "  ok    " : "  FAIL  ") + step.name + " (" + step.kind +
          (step.attempt > 1 ? ", try " + std::to_string(step.attempt) : "") + ")\n");
    if (!step.input_json.empty()) print("        in   " + step.input_json + '\n');
    print((step.ok ? "        out  " + step.output_json : "        error " + step.error_json) +
          '\n');
    std::fflush(stdout);  // now, not when the flow ends
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
    if (options.instance.empty()) return default_values(std::move(integration));
    auto file = manifest::load_instance(options.instance);
    if (!file.content) return file.problems.front();
    std::vector<base::error> problems = manifest::check_instance(*file.content, *integration);
    for (std::size_t i = 0; i + 1 < problems.size(); ++i)
        print_error(problems[i]);
    if (!problems.empty()) return problems.back();
    // Nothing is kept, and nobody here knows which fields of a connection are secret.
    const auto known = [](const auto&, const auto*, const auto&) {
        return std::optional(instance::field_secrecy());
    };
    // Shared connections are their owners': here they have a type and no fields.
    auto bound = instance::bind_instance(*file.content, std::move(integration), nullptr,
                                         environment_variable, known, &problems);
    if (bound) bound->instance_info.set("webhooks", offline_webhooks(*bound->integration));
    for (const base::error& one : problems)
        print_error(one);
    return bound;
}

base::result<std::shared_ptr<const engine::bound_flow>> bind_flow(const offline_options& options) {
    auto loaded = manifest::load_integration(options.manifest);
    for (std::size_t i = 0; i + 1 < loaded.problems.size(); ++i)
        print_error(loaded.problems[i]);
    if (!loaded.content) return loaded.problems.back();
    base::result<engine::bound_flow> values = bind_values(
        options, std::make_shared<const manifest::integration>(std::move(*loaded.content)));
    if (!values) return std::move(values).error_value();
    return choose_flow(std::move(*values), options.flow);
}

void warn(const std::string& text) { std::fprintf(stderr, "warning: %s\n", text.c_str()); }

// The payload of a webhook is more than its body, which is easy to forget.
void look_at_payload(const engine::bound_flow& flow, const json::value& payload) {
    if (!std::holds_alternative<manifest::webhook_trigger>(flow.flow->trigger)) return;
    if (payload.find("body") != nullptr || payload.find("bodyBase64") != nullptr) return;
    warn("the input has no `body`: a webhook's payload is {\"headers\": {..}, \"body\": ..}");
}

base::result<json::value> read_payload(const offline_options& options,
                                       const engine::bound_flow& flow) {
    if (options.input.empty()) {
        if (!std::holds_alternative<manifest::webhook_trigger>(flow.flow->trigger)) {
            return json::value::object();
        }
        return base::make_error(base::error_code::invalid_input,
                                "--input is missing: the flow runs on what a webhook receives",
                                "a file with {\"headers\": {..}, \"body\": ..}");
    }
    base::result<json::value> payload = read_json_file(options.input);
    if (payload) look_at_payload(flow, *payload);
    return payload;
}

base::result<given_files> read_files(const offline_options& options, offline_host& host) {
    if (options.files.empty()) return given_files();
    if (host.blobs() == nullptr) {
        return base::make_error(
            base::error_code::invalid_input,
            "--file needs --plugins: what mocks answer for reads no file",
            "name the folder of the connectors that read it, or write a handle by hand: "
            "{\"$blob\": \"b1\", \"size\": 90}");
    }
    return given_files::read(options.files, *host.blobs(), engine::offline_engine::first_run);
}

int walk(const offline_options& options, offline_host& host, mock_calls& calls,
         std::shared_ptr<const engine::bound_flow> flow, json::value payload) {
    engine::offline_engine engine(host.loop(), host.clock(), host.random(), calls);
    engine.host().http = &calls.http();
    json::value steps = json::value::array();
    engine.host().on_step = [&](const store::step_record& step, bool) {
        if (options.json) {
            steps.push(step_json(step));
        } else {
            print_step(step);
        }
    };
    // Without a reply for a call the run says nothing about the flow.
    std::optional<base::error> missing;
    calls.on_missing([&](const base::error& why) {
        if (!missing) missing = why;
        host.finish();
    });
    std::optional<engine::end_of_execution> end;
    const bool has_empty_connections = options.instance.empty() && !options.plugins.empty() &&
                                       !flow->integration->connections.empty();
    engine.run(std::move(flow), std::move(payload), [&](const engine::end_of_execution& outcome) {
        end = outcome;
        host.finish();
    });
    const bool to_the_end = host.run();
    if (missing) {
        print_error(*missing);
        return exit_refused;
    }
    if (!to_the_end || !end) {
        print_error(base::make_error(
            base::error_code::cancelled,
            to_the_end ? "the flow waits for something that never comes in an offline run"
                       : "interrupted"));
        return exit_refused;
    }
    const int code = report(options, *end, std::move(steps));
    if (code != exit_ok && has_empty_connections) {
        warn("connections have no values without --instance FILE");
    }
    for (const std::string& entry : calls.unused())
        warn("the mock \"" + entry + "\" was never used");
    return code;
}

}  // namespace

int run_offline(const offline_options& options) {
    const auto refuse = [](const base::error& why, int code = exit_refused) {
        print_error(why);
        return code;
    };
    base::result<std::shared_ptr<const engine::bound_flow>> flow = bind_flow(options);
    if (!flow) return refuse(flow.error_value());
    base::result<json::value> payload = read_payload(options, **flow);
    if (!payload) {
        return refuse(payload.error_value(), options.input.empty() ? exit_usage : exit_refused);
    }

    // With mocks alone nothing takes real time, not even a retry in an hour.
    const bool real = !options.plugins.empty() || options.mocks.empty();
    offline_host host(real ? offline_host::time::real : offline_host::time::fake);
    if (!options.plugins.empty()) {
        base::result<void> ready = host.use_connectors(options.plugins, options.allow_egress);
        if (!ready) return refuse(ready.error_value(), exit_environment);
    } else if (real) {
        base::result<void> ready = host.use_network(options.allow_egress, {});
        if (!ready) return refuse(ready.error_value(), exit_usage);
    }
    base::result<given_files> files = read_files(options, host);
    if (!files) return refuse(files.error_value(), exit_usage);
    mock_calls calls(host.loop(), host.calls(), host.http());
    if (!options.mocks.empty()) {
        base::result<json::value> mocks = manifest::read_plain(options.mocks);
        if (!mocks) return refuse(mocks.error_value());
        base::result<void> loaded = calls.load(files->put_into(*mocks));
        if (!loaded) return refuse(loaded.error_value());
    }
    *payload = files->put_into(*payload);
    for (const std::string& name : files->unused()) {
        return refuse(
            base::make_error(
                base::error_code::invalid_input, "--file " + name + ": the flow never gets it",
                "write {\"$blob\": \"" + name + "\"} in the input, or in a reply of the mocks"),
            exit_usage);
    }
    return walk(options, host, calls, std::move(*flow), std::move(*payload));
}

}  // namespace sluice::cli
