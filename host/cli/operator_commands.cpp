// sluice logs | doctor | audit
#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "api/findings.hpp"
#include "base/clock.hpp"
#include "cli/admin_client.hpp"
#include "cli/commands.hpp"
#include "cli/connector_isolation.hpp"
#include "cli/execution_watch.hpp"
#include "cli/exit_code.hpp"
#include "cli/output.hpp"
#include "store/sqlite_store.hpp"

namespace sluice::cli {
namespace {

struct doctor_options {
    std::filesystem::path data;
    admin_settings admin;
    bool json = false;
};

base::result<json::value> examine(const doctor_options& options) {
    if (options.data.empty()) return ask_admin(options.admin, "GET", "/doctor");
    base::system_clock clock;
    auto reader = store::open_sqlite_reader(options.data, clock);
    if (!reader) return std::move(reader).error_value();
    return api::findings_json(api::findings_of(**reader, clock.unix_ms()));
}

int doctor(const doctor_options& options) {
    const base::result<json::value> found = examine(options);
    if (!found) return admin_failure(found.error_value());
    const bool healthy = found->bool_or("healthy", false);
    if (options.json) return print_json(*found), healthy ? exit_ok : exit_refused;
    if (healthy) {
        print("nothing is wrong\n");
    } else {
        for (const json::value& one : found->get("findings").items()) {
            print("- " + one.string_or("what", "") + '\n');
            const std::string advice = one.string_or("advice", "");
            if (!advice.empty()) print("  " + advice + '\n');
        }
    }
    if (!options.data.empty()) return healthy ? exit_ok : exit_refused;
    if (const auto connectors = ask_admin(options.admin, "GET", "/connectors"); connectors) {
        print("\n" + isolation_text(*connectors));
    }
    return healthy ? exit_ok : exit_refused;
}

struct audit_options {
    admin_settings admin;
    int limit = 50;
    bool json = false;
};

int audit(const audit_options& options) {
    const auto page =
        ask_admin(options.admin, "GET", "/audit?limit=" + std::to_string(options.limit));
    if (!page) return admin_failure(page.error_value());
    if (options.json) return print_json(*page), exit_ok;
    std::vector<std::vector<std::string>> rows = {
        {"AT", "TOKEN", "ACTION", "OBJECT", "STATUS", "MADE"}};
    for (const json::value& one : page->get("items").items()) {
        const json::value& status = one.get("status");
        rows.push_back({time_text(base::parse_rfc3339(one.string_or("at", "")).value_or(0)),
                        one.string_or("who", ""), one.string_or("action", ""),
                        one.string_or("object", ""),
                        status.is_null() ? "-" : std::to_string(one.int_or("status", 0)),
                        shortened(one.string_or("created", ""), 60)});
    }
    print(table(rows));
    return exit_ok;
}

void add_audit_command(CLI::App& app, int& code) {
    auto options = std::make_shared<audit_options>();
    CLI::App& command = *app.add_subcommand("audit", "Changes through the admin API, newest first");
    command.add_option("--limit", options->limit, "How many (1 to 1000, default 50)")
        ->check(CLI::Range(1, 1000));
    add_admin_options(command, options->admin);
    command.add_flag("--json", options->json, "Print JSON");
    command.footer("Example: sluice audit --limit 20 --token-file admin.token");
    command.callback([options, &code] { code = audit(*options); });
}

}  // namespace

void add_operator_commands(CLI::App& app, int& code) {
    add_audit_command(app, code);
    struct log_options {
        log_filter filter;
        admin_settings admin;
        bool follow = false;
        bool json = false;
    };
    auto logs = std::make_shared<log_options>();
    CLI::App& logs_command = *app.add_subcommand("logs", "What a running host has logged last");
    logs_command.add_flag("-f,--follow", logs->follow, "Go on with what comes, until interrupted");
    logs_command.add_option("--instance", logs->filter.instance, "Only about this instance");
    logs_command.add_option("--flow", logs->filter.flow, "Only about this flow");
    logs_command.add_option("--execution", logs->filter.execution, "Only about this execution");
    logs_command.add_option("--level", logs->filter.level, "This level and those above")
        ->check(CLI::IsMember({"debug", "info", "warning", "error"}));
    add_admin_options(logs_command, logs->admin);
    logs_command.add_flag("--json", logs->json, "One JSON object a line");
    logs_command.footer("Example: sluice logs -f --instance acme --level warning");
    logs_command.callback(
        [logs, &code] { code = print_logs(logs->admin, logs->filter, logs->follow, logs->json); });

    auto options = std::make_shared<doctor_options>();
    CLI::App& doctor_command =
        *app.add_subcommand("doctor", "What is wrong with a host, and what to do about it");
    doctor_command.add_option(
        "--data", options->data,
        "Look at this data folder instead of asking the host; it may be down");
    add_admin_options(doctor_command, options->admin);
    doctor_command.add_flag("--json", options->json, "Print JSON");
    doctor_command.footer(
        "Exit code: 0 nothing is wrong, 1 something is.\n\nExample: sluice doctor");
    doctor_command.callback([options, &code] { code = doctor(*options); });
}

}  // namespace sluice::cli
