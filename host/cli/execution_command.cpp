// sluice execution list | show | logs | watch | cancel | resume | replay
#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "api/execution_json.hpp"
#include "base/clock.hpp"
#include "base/ids.hpp"
#include "cli/admin_client.hpp"
#include "cli/commands.hpp"
#include "cli/execution_filter.hpp"
#include "cli/execution_text.hpp"
#include "cli/execution_watch.hpp"
#include "cli/exit_code.hpp"
#include "cli/output.hpp"
#include "cli/redrive.hpp"
#include "net/url.hpp"
#include "store/sqlite_store.hpp"

namespace sluice::cli {
namespace {

struct execution_options {
    std::filesystem::path data;
    execution_filter filter;
    std::string before;
    int limit = 50;
    std::string id;
    std::string version = "same";
    redrive_options many;
    admin_settings admin;
    bool json = false;
};

base::error no_id(const std::string& text) {
    return base::make_error(base::error_code::invalid_input,
                            "\"" + text + "\" is not an execution id",
                            "it looks like x01jd3kq5m7zr2; see `sluice execution list`");
}

void print_page(const execution_options& options, const json::value& items,
                const std::string& next) {
    if (options.json) {
        return print_json(json::value::object(
            {{"executions", items}, {"next", next.empty() ? json::value() : json::value(next)}}));
    }
    print(executions_text(items));
    if (!next.empty()) print("more: --before " + next + '\n');
}

int list_data(const execution_options& options) {
    base::system_clock clock;
    auto filter = history_of(options.filter);
    if (!filter) return print_error(filter.error_value()), exit_usage;
    if (!options.before.empty()) {
        const auto id = base::parse_execution_id(options.before);
        if (!id) return print_error(no_id(options.before)), exit_usage;
        filter->before = *id;
    }
    filter->limit = options.limit;
    auto reader = store::open_sqlite_reader(options.data, clock);
    if (!reader) return print_error(reader.error_value()), exit_environment;
    auto page = (*reader)->history(*filter);
    if (!page) return print_error(page.error_value()), exit_environment;
    json::value items = json::value::array();
    for (const store::execution_summary& one : *page)
        items.push(api::summary_json(one));
    const bool more = page->size() == static_cast<std::size_t>(options.limit);
    print_page(options, items, more ? base::execution_id_text(page->back().id) : "");
    return exit_ok;
}

int list(const execution_options& options) {
    if (!options.data.empty()) return list_data(options);
    std::string query = "?limit=" + std::to_string(options.limit) + query_of(options.filter);
    if (!options.before.empty()) query += "&cursor=" + net::percent_encode(options.before);
    auto page = ask_admin(options.admin, "GET", "/executions" + query);
    if (!page) return admin_failure(page.error_value());
    print_page(options, page->get("items"), page->string_or("next", ""));
    return exit_ok;
}

base::result<json::value> detail_of(const execution_options& options) {
    if (options.data.empty()) {
        return ask_admin(options.admin, "GET", "/executions/" + net::percent_encode(options.id));
    }
    base::system_clock clock;
    auto reader = store::open_sqlite_reader(options.data, clock);
    if (!reader) return std::move(reader).error_value();
    auto detail = (*reader)->execution(base::parse_execution_id(options.id).value_or(0));
    if (!detail) return std::move(detail).error_value();
    return api::detail_json(*detail);
}

int show(const execution_options& options) {
    if (!base::parse_execution_id(options.id)) return print_error(no_id(options.id)), exit_usage;
    const base::result<json::value> detail = detail_of(options);
    if (!detail) {
        if (options.data.empty()) return admin_failure(detail.error_value());
        print_error(detail.error_value());
        return detail.error_value().code == base::error_code::not_found ? exit_refused
                                                                        : exit_environment;
    }
    options.json ? print_json(*detail) : print(execution_text(*detail));
    return exit_ok;
}

// Something to be done to one execution of a running host.
int change(const execution_options& options, const std::string& what) {
    json::value body;
    if (what == "resume") body = json::value::object({{"version", options.version}});
    auto done = ask_admin(options.admin, "POST",
                          "/executions/" + net::percent_encode(options.id) + "/" + what, body);
    if (!done) return admin_failure(done.error_value());
    if (options.json) {
        print_json(*done);
    } else if (what == "replay") {
        print("replayed as " + done->string_or("execution", "") + '\n');
    } else {
        print((what == "resume" ? "resumed " : "cancelling ") + options.id + '\n');
    }
    return exit_ok;
}

CLI::App& add_change(CLI::App& group, const std::shared_ptr<execution_options>& options,
                     const std::string& what, const std::string& description, int& code) {
    CLI::App& command = *group.add_subcommand(what, description);
    command.add_option("ID", options->id, "For example x01jd3kq5m7zr2")->required(what != "replay");
    add_admin_options(command, options->admin);
    command.add_flag("--json", options->json, "Print JSON");
    command.footer("Example: sluice execution " + what +
                   " x01jd3kq5m7zr2 --token-file operator.token");
    command.callback([options, what, &code] {
        code = options->id.empty() ? redrive(options->admin, options->filter, options->many)
                                   : change(*options, what);
    });
    return command;
}

void add_reading(CLI::App& command, execution_options& options) {
    command.add_option("--data", options.data,
                       "Read this data folder instead of asking the host; it may be down");
    add_admin_options(command, options.admin);
    command.add_flag("--json", options.json, "Print JSON");
}

void add_watch_and_logs(CLI::App& group, const std::shared_ptr<execution_options>& options,
                        int& code) {
    CLI::App& watch = *group.add_subcommand(
        "watch", "Follow an execution to its end, or those of an instance until interrupted");
    watch.add_option("ID", options->id, "For example x01jd3kq5m7zr2");
    watch.add_option("--instance", options->filter.instance, "All executions from now on");
    add_admin_options(watch, options->admin);
    watch.footer(
        "Exit code: 0 when the execution succeeded, 1 when it ended in another way.\n\n"
        "Example: sluice execution watch x01jd3kq5m7zr2");
    watch.callback([options, &code] {
        if (options->id.empty() == options->filter.instance.empty()) {
            print_error(base::make_error(base::error_code::invalid_input,
                                         "give an execution's ID or --instance NAME"));
            code = exit_usage;
            return;
        }
        code = options->id.empty() ? watch_instance(options->admin, options->filter.instance)
                                   : watch_execution(options->admin, options->id);
    });

    CLI::App& logs = *group.add_subcommand(
        "logs", "What connectors and the host have logged about an execution");
    logs.add_option("ID", options->id, "For example x01jd3kq5m7zr2")->required();
    add_admin_options(logs, options->admin);
    logs.add_flag("--json", options->json, "Print JSON");
    logs.footer(
        "Kept as long as the execution's record, up to 1,000 lines of 4 KiB.\n\n"
        "Example: sluice execution logs x01jd3kq5m7zr2");
    logs.callback([options, &code] {
        code = print_execution_logs(options->admin, options->id, options->json);
    });
}

}  // namespace

void add_execution_commands(CLI::App& app, int& code) {
    auto options = std::make_shared<execution_options>();
    CLI::App& group =
        *app.add_subcommand("execution", "See what happened to events, and do something about it");
    group.require_subcommand(1);

    CLI::App& list_command = *group.add_subcommand("list", "Executions, newest first");
    add_filter_options(list_command, options->filter);
    list_command.add_flag("--dead", options->filter.dead,
                          "Failed or quarantined, and nobody has replayed them");
    list_command.add_option("--before", options->before, "Only older than this execution");
    list_command.add_option("--limit", options->limit, "How many")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    add_reading(list_command, *options);
    list_command.footer("Example: sluice execution list --state failed --customer acme");
    list_command.callback([options, &code] { code = list(*options); });

    CLI::App& show_command =
        *group.add_subcommand("show", "One execution with each step's outcome");
    show_command.add_option("ID", options->id, "For example x01jd3kq5m7zr2")->required();
    add_reading(show_command, *options);
    show_command.footer("Example: sluice execution show x01jd3kq5m7zr2");
    show_command.callback([options, &code] { code = show(*options); });

    add_watch_and_logs(group, options, code);
    add_change(group, options, "cancel",
               "End an execution of a running host, and those it has started", code);
    CLI::App& resume_command = add_change(
        group, options, "resume",
        "Let an execution that failed, was cancelled or quarantined go on from where it failed",
        code);
    resume_command
        .add_option("--version", options->version,
                    "same: the flow as it was; newest: as it is deployed now")
        ->check(CLI::IsMember({"same", "newest"}))
        ->capture_default_str();
    CLI::App& replay_command = add_change(
        group, options, "replay",
        "Give the event of an execution that is over to its flow once more, from the start; "
        "without ID those of many",
        code);
    add_filter_options(replay_command, options->filter, true);
    add_redrive_options(replay_command, options->many);
}

void add_dead_commands(CLI::App& app, int& code) {
    auto options = std::make_shared<execution_options>();
    options->filter.dead = true;
    options->many.action = "resume";
    CLI::App& group = *app.add_subcommand(
        "dead", "Executions that failed or are quarantined, and that nobody has taken up again");
    group.require_subcommand(1);
    CLI::App& list_command = *group.add_subcommand("list", "All of them, newest first");
    add_filter_options(list_command, options->filter, true);
    list_command.add_option("--before", options->before, "Only older than this execution");
    list_command.add_option("--limit", options->limit, "How many")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    add_reading(list_command, *options);
    list_command.footer("Example: sluice dead list --customer acme");
    list_command.callback([options, &code] { code = list(*options); });

    CLI::App& redrive_command = *group.add_subcommand(
        "redrive", "Resume (or replay) those that fit, oldest first, no faster than --rate");
    add_filter_options(redrive_command, options->filter, true);
    redrive_command
        .add_option("--action", options->many.action,
                    "resume: from where they failed; replay: from the start")
        ->check(CLI::IsMember({"resume", "replay"}))
        ->capture_default_str();
    redrive_command
        .add_option("--version", options->many.version,
                    "resume in the same version of the flow, or in the newest")
        ->check(CLI::IsMember({"same", "newest"}))
        ->capture_default_str();
    add_redrive_options(redrive_command, options->many);
    add_admin_options(redrive_command, options->admin);
    redrive_command.footer("Example: sluice dead redrive --flow import --dry-run");
    redrive_command.callback(
        [options, &code] { code = redrive(options->admin, options->filter, options->many); });
}

}  // namespace sluice::cli
