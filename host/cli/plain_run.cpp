#include "cli/plain_run.hpp"

#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>
#include <utility>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "cli/exit_code.hpp"
#include "cli/http_rewrite.hpp"
#include "cli/mock_calls.hpp"
#include "cli/offline_flow.hpp"
#include "cli/offline_host.hpp"
#include "cli/output.hpp"
#include "cli/plain_secrets.hpp"
#include "engine/offline.hpp"
#include "json/text.hpp"
#include "manifest/load.hpp"

namespace sluice::cli {
namespace {

// The document itself is wrong: its problems as a `configuration` error, as a run would fault.
int refuse_document(const std::vector<base::error>& problems) {
    std::string detail;
    for (const base::error& one : problems) {
        if (!detail.empty()) detail += '\n';
        detail += one.to_text();
    }
    engine::fault out;
    out.type = manifest::standard_error_type("configuration");
    out.status = 400;
    out.title = "The document cannot be run";
    out.detail = std::move(detail);
    std::fprintf(stderr, "%s\n", json::to_text(out.to_json()).c_str());
    return exit_refused;
}

json::value trace_json(const engine::task_trace& one) {
    json::value out = json::value::object({{"task", one.task->name},
                                           {"reference", one.task->reference},
                                           {"startedAt", base::to_rfc3339(one.started_ms)},
                                           {"endedAt", base::to_rfc3339(one.ended_ms)},
                                           {"input", one.input}});
    if (one.error != nullptr) {
        out.set("error", one.error->to_json());
    } else {
        out.set("output", one.output);
    }
    return out;
}

struct traces {
    std::vector<std::pair<std::int64_t, json::value>> found;

    base::result<void> write(const std::filesystem::path& file) {
        std::sort(found.begin(), found.end(),
                  [](const auto& a, const auto& b) { return a.first < b.first; });
        json::value list = json::value::array();
        for (auto& [number, one] : found)
            list.push(std::move(one));
        return base::write_file(file, json::to_pretty_text(list) + '\n');
    }
};

}  // namespace

int run_plain(const plain_options& options) {
    const auto refuse = [](const base::error& why, int code) {
        print_error(why);
        return code;
    };
    std::vector<rewrite_rule> rules;
    std::vector<std::string> allowed = options.allow_egress;
    for (const std::string& text : options.rewrites) {
        base::result<rewrite_rule> rule = rewrite_rule::parse(text);
        if (!rule) return refuse(rule.error_value(), exit_usage);
        allowed.push_back(rule->target_peer());
        rules.push_back(std::move(*rule));
    }
    json::value input;
    if (!options.input.empty()) {
        base::result<json::value> read = read_json_file(options.input);
        if (!read) return refuse(read.error_value(), exit_refused);
        input = std::move(*read);
    }
    auto loaded = manifest::load_plain(options.document);
    if (!loaded.content) return refuse_document(loaded.problems);
    auto integration = std::make_shared<const manifest::integration>(std::move(*loaded.content));
    const std::string first = integration->flows.front().name;
    engine::bound_flow values = default_values(std::move(integration));
    base::result<void> given = give_secrets(options.secrets, values);
    if (!given) return refuse_document({given.error_value()});
    auto flow = choose_flow(std::move(values), first);
    if (!flow) return refuse(flow.error_value(), exit_refused);

    offline_host host(offline_host::time::real);
    base::result<void> ready = host.use_network(allowed, options.ca_file);
    if (!ready) return refuse(ready.error_value(), exit_usage);
    http_rewrite network(*host.http(), std::move(rules));
    mock_calls no_connectors(host.loop(), nullptr, nullptr);
    engine::offline_engine engine(host.loop(), host.clock(), host.random(), no_connectors);
    engine.host().http = &network;
    traces trace;
    if (!options.trace.empty()) {
        engine.host().on_task = [&](const engine::task_trace& one) {
            trace.found.emplace_back(one.number, trace_json(one));
        };
    }
    std::optional<engine::end_of_execution> end;
    engine.run(std::move(*flow), std::move(input), [&](const engine::end_of_execution& outcome) {
        end = outcome;
        host.finish();
    });
    host.run();
    if (!options.trace.empty()) {
        base::result<void> written = trace.write(options.trace);
        if (!written) return refuse(written.error_value(), exit_environment);
    }
    if (!end) {
        return refuse(base::make_error(base::error_code::cancelled, "interrupted"), exit_refused);
    }
    if (end->how == engine::end_of_execution::kind::succeeded) {
        print(json::to_text(end->output) + '\n');
        return exit_ok;
    }
    std::fprintf(stderr, "%s\n", json::to_text(end->error.to_json()).c_str());
    return exit_refused;
}

}  // namespace sluice::cli
