// sluice connector status | release: the connectors of a running host
#include <CLI/CLI.hpp>
#include <memory>
#include <string>

#include "cli/admin_client.hpp"
#include "cli/commands.hpp"
#include "cli/connector_isolation.hpp"
#include "cli/exit_code.hpp"
#include "cli/output.hpp"

namespace sluice::cli {
namespace {

struct live_options {
    admin_settings admin;
    std::string id;
    bool json = false;
};

int status(const live_options& options) {
    const auto found = ask_admin(options.admin, "GET", "/connectors");
    if (!found) return admin_failure(found.error_value());
    if (options.json) return print_json(*found), exit_ok;
    print(isolation_text(*found));
    return exit_ok;
}

int release(const live_options& options) {
    const auto told = ask_admin(options.admin, "POST", "/connectors/" + options.id + "/release");
    if (!told) return admin_failure(told.error_value());
    print("released " + options.id + ": its next call starts a process again\n");
    return exit_ok;
}

std::string limits_of(const json::value& hardening) {
    if (!hardening.is_object()) return "";
    std::string out;
    const auto add = [&out](bool there, const std::string& what) {
        if (there) out += (out.empty() ? "" : ", ") + what;
    };
    add(hardening.bool_or("noNewPrivileges", false), "no new privileges");
    add(hardening.string_or("capabilities", "") == "none", "no capabilities");
    const std::int64_t landlock = hardening.int_or("landlock", 0);
    add(landlock > 0, "landlock " + std::to_string(landlock));
    add(hardening.bool_or("seccomp", false), "seccomp");
    const std::int64_t memory = hardening.int_or("memoryMib", 0);
    add(memory > 0, std::to_string(memory) + " MiB");
    add(!hardening.bool_or("network", true), "no network");
    add(hardening.bool_or("exec", false), "may run programs");
    return out;
}

}  // namespace

std::string isolation_text(const json::value& connectors) {
    std::vector<std::vector<std::string>> rows = {
        {"CONNECTOR", "VERSION", "RUNS", "PROCESS", "DEATHS", "SHUT IN BY"}};
    for (const json::value& one : connectors.get("items").items()) {
        const bool process = one.string_or("isolation", "") == "process";
        const std::int64_t pid = one.int_or("pid", 0);
        std::string state = pid > 0 ? std::to_string(pid) : "not started";
        if (one.bool_or("quarantined", false)) state = "quarantined";
        if (!one.bool_or("present", true)) state += " (of an older file)";
        rows.push_back({one.string_or("id", ""), one.string_or("version", ""),
                        process ? "in a process of its own" : "in the host", process ? state : "",
                        std::to_string(one.int_or("deaths", 0)), limits_of(one.get("hardening"))});
    }
    return table(rows);
}

void add_live_connector_commands(CLI::App& group, int& code) {
    auto options = std::make_shared<live_options>();
    CLI::App& status_command =
        *group.add_subcommand("status", "How a running host runs its connectors");
    add_admin_options(status_command, options->admin);
    status_command.add_flag("--json", options->json, "Print JSON");
    status_command.footer("Example: sluice connector status --token-file admin.token");
    status_command.callback([options, &code] { code = status(*options); });

    CLI::App& release_command = *group.add_subcommand(
        "release", "Take a connector whose process died too often out of quarantine");
    release_command.add_option("ID", options->id, "The connector's id")->required();
    add_admin_options(release_command, options->admin);
    release_command.footer("Example: sluice connector release acme --token-file admin.token");
    release_command.callback([options, &code] { code = release(*options); });
}

}  // namespace sluice::cli
