// sluice execution list | show | cancel | replay
#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <filesystem>
#include <memory>

#include "api/execution_json.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "cli/admin_client.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/output.hpp"
#include "engine/journal.hpp"
#include "net/url.hpp"
#include "store/sqlite_store.hpp"

namespace sluice::cli {
namespace {

struct execution_options {
    std::filesystem::path data;
    store::history_filter filter;
    std::string state;
    std::string before;
    std::string id;
    admin_settings admin;
    bool json = false;
};

constexpr std::array all_states = {store::event_state::ready,    store::event_state::running,
                                   store::event_state::waiting,  store::event_state::succeeded,
                                   store::event_state::failed,   store::event_state::quarantined,
                                   store::event_state::cancelled};

std::string error_text(const std::string& error_json) {
    const json::value error = json_or_text(error_json);
    if (!error.is_object()) return error_json;
    const std::string detail = error.string_or("detail", "");
    return error.string_or("title", "") + (detail.empty() ? "" : ": " + detail);
}

std::string ended_after(const store::execution_summary& one) {
    if (one.ended_ms == 0) return one.due_ms == 0 ? "" : "due " + time_text(one.due_ms);
    return std::to_string(one.ended_ms - one.accepted_ms) + " ms";
}

int list(execution_options& options) {
    base::system_clock clock;
    auto reader = store::open_sqlite_reader(options.data, clock);
    if (!reader) return print_error(reader.error_value()), exit_environment;
    for (const store::event_state state : all_states) {
        if (options.state == store::to_string(state)) options.filter.state = state;
    }
    if (!options.before.empty()) {
        const auto id = base::parse_execution_id(options.before);
        if (!id) {
            print_error(base::make_error(base::error_code::invalid_input,
                                         "\"" + options.before + "\" is not an execution id"));
            return exit_usage;
        }
        options.filter.before = *id;
    }
    auto page = (*reader)->history(options.filter);
    if (!page) return print_error(page.error_value()), exit_environment;
    const bool more = page->size() == static_cast<std::size_t>(options.filter.limit);
    const std::string next = more ? base::execution_id_text(page->back().id) : "";
    if (options.json) {
        json::value executions = json::value::array();
        for (const store::execution_summary& one : *page)
            executions.push(api::summary_json(one));
        print_json(json::value::object({{"executions", std::move(executions)},
                                        {"next", more ? json::value(next) : json::value()}}));
        return exit_ok;
    }
    std::vector<std::vector<std::string>> rows = {
        {"EXECUTION", "ACCEPTED", "STATE", "AFTER", "STEPS", "INSTANCE", "FLOW", "ERROR"}};
    for (const store::execution_summary& one : *page) {
        rows.push_back({base::execution_id_text(one.id), time_text(one.accepted_ms),
                        store::to_string(one.state), ended_after(one),
                        std::to_string(one.step_count), one.instance, one.flow,
                        shortened(error_text(one.error_json), 60)});
    }
    print(table(rows));
    if (more) print("more: --before " + next + '\n');
    return exit_ok;
}

void show_text(const store::execution_detail& detail) {
    const store::execution_summary& one = detail.summary;
    print("execution " + base::execution_id_text(one.id) + " of " + one.instance + "/" + one.flow +
          ": " + store::to_string(one.state) + '\n');
    print("accepted " + base::to_rfc3339(one.accepted_ms) + " by " + one.kind + ", " +
          (one.ended_ms == 0 ? "not ended" : "ended after " + ended_after(one)) + ", manifest " +
          one.flow_version.substr(0, 12) + '\n');
    if (!one.error_json.empty()) print("error: " + error_text(one.error_json) + '\n');
    if (!api::keeps_bodies(detail)) print("its bodies were not kept (record: metadata)\n");
    print("\n");
    std::vector<std::vector<std::string>> rows = {
        {"STEP", "KIND", "TRY", "TOOK", "CONNECTOR", "OUTCOME"}};
    for (const store::step_record& step : detail.steps) {
        const bool under_way = step.kind == engine::begun_call;
        rows.push_back(
            {step.name, step.kind, std::to_string(step.attempt),
             under_way ? std::string("-") : std::to_string(step.ended_ms - step.started_ms) + " ms",
             step.connector,
             step.ok ? shortened(step.output_json, 100)
                     : "FAILED " + shortened(error_text(step.error_json), 100)});
    }
    print(table(rows));
    if (!detail.output_json.empty()) print("\noutput: " + detail.output_json + '\n');
}

int show(const execution_options& options) {
    const auto id = base::parse_execution_id(options.id);
    if (!id) {
        print_error(base::make_error(base::error_code::invalid_input,
                                     "\"" + options.id + "\" is not an execution id",
                                     "it looks like x01jd3kq5m7zr2; see `sluice execution list`"));
        return exit_usage;
    }
    base::system_clock clock;
    auto reader = store::open_sqlite_reader(options.data, clock);
    if (!reader) return print_error(reader.error_value()), exit_environment;
    auto detail = (*reader)->execution(*id);
    if (!detail) {
        print_error(detail.error_value());
        return detail.error_value().code == base::error_code::not_found ? exit_refused
                                                                        : exit_environment;
    }
    if (!options.json) return show_text(*detail), exit_ok;
    print_json(api::detail_json(*detail));
    return exit_ok;
}

// Something to be done to one execution of a running host.
int change(const execution_options& options, const std::string& what) {
    auto done = ask_admin(options.admin, "POST",
                          "/executions/" + net::percent_encode(options.id) + "/" + what);
    if (!done) return admin_failure(done.error_value());
    if (options.json) {
        print_json(*done);
    } else if (what == "replay") {
        print("replayed as " + done->string_or("execution", "") + '\n');
    } else {
        print("cancelling " + options.id + '\n');
    }
    return exit_ok;
}

void add_change(CLI::App& group, const std::shared_ptr<execution_options>& options,
                const std::string& what, const std::string& description, int& code) {
    CLI::App& command = *group.add_subcommand(what, description);
    command.add_option("ID", options->id, "For example x01jd3kq5m7zr2")->required();
    add_admin_options(command, options->admin);
    command.add_flag("--json", options->json, "Print JSON");
    command.footer("Example: sluice execution " + what +
                   " x01jd3kq5m7zr2 --token-file operator.token");
    command.callback([options, what, &code] { code = change(*options, what); });
}

}  // namespace

void add_execution_commands(CLI::App& app, int& code) {
    auto options = std::make_shared<execution_options>();
    CLI::App& group =
        *app.add_subcommand("execution", "See what happened to events, and do something about it");
    group.require_subcommand(1);

    CLI::App& list_command =
        *group.add_subcommand("list", "Executions, newest first; the host may be running");
    list_command.add_option("--data", options->data, "Folder of the store")->required();
    list_command.add_option("--instance", options->filter.instance, "Only of this instance");
    list_command.add_option("--flow", options->filter.flow, "Only of this flow");
    std::vector<std::string> names;
    for (const store::event_state state : all_states)
        names.emplace_back(store::to_string(state));
    list_command.add_option("--state", options->state, "Only in this state")
        ->check(CLI::IsMember(names));
    list_command.add_option("--before", options->before, "Only older than this execution");
    list_command.add_option("--limit", options->filter.limit, "How many")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    list_command.add_flag("--json", options->json, "Print JSON");
    list_command.footer("Example: sluice execution list --data DIR --state failed");
    list_command.callback([options, &code] { code = list(*options); });

    CLI::App& show_command =
        *group.add_subcommand("show", "One execution with each step's outcome");
    show_command.add_option("ID", options->id, "For example x01jd3kq5m7zr2")->required();
    show_command.add_option("--data", options->data, "Folder of the store")->required();
    show_command.add_flag("--json", options->json, "Print JSON, with all inputs and outputs");
    show_command.footer("Example: sluice execution show x01jd3kq5m7zr2 --data DIR");
    show_command.callback([options, &code] { code = show(*options); });

    add_change(group, options, "cancel",
               "End an execution of a running host, and those it has started", code);
    add_change(group, options, "replay",
               "Give the event of an execution that is over to its flow once more, from the start",
               code);
}

}  // namespace sluice::cli
