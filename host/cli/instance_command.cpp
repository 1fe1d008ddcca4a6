// sluice instance list, show: of a running host, or of a data folder
#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "cli/admin_client.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/instance_changes.hpp"
#include "cli/output.hpp"
#include "instance/deployment_record.hpp"
#include "json/text.hpp"
#include "net/url.hpp"
#include "store/sqlite_store.hpp"

namespace sluice::cli {
namespace {

using instance::deployment_record;

struct instance_options {
    std::filesystem::path data;  // empty: the admin API is asked
    admin_settings admin;
    std::string name;
    bool json = false;
};

base::result<std::map<std::string, deployment_record>> read(const instance_options& options) {
    base::system_clock clock;
    auto reader = store::open_sqlite_reader(options.data, clock);
    if (!reader) return std::move(reader).error_value();
    return instance::read_deployments(**reader);
}

std::string state_of(const json::value& one) {
    return one.string_or("state", "-") + (one.bool_or("paused", false) ? ", paused" : "");
}

json::value json_of(const std::string& name, const deployment_record& record) {
    json::value out = json::value::object({{"instance", name}});
    const json::value stored = record.to_json();
    for (const auto& [key, content] : stored.members())
        out.set(key, content);
    return out;
}

int list_running(const instance_options& options) {
    const auto found = all_pages(options.admin, "/instances");
    if (!found) return admin_failure(found.error_value());
    std::vector<std::vector<std::string>> rows = {
        {"INSTANCE", "CUSTOMER", "INTEGRATION", "VERSION", "STATE", "ERROR"}};
    json::value instances = json::value::array();
    for (const json::value& one : *found) {
        rows.push_back({one.string_or("name", ""), one.string_or("customer", ""),
                        one.string_or("integration", ""), one.string_or("version", ""),
                        state_of(one), shortened(one.string_or("error", ""), 80)});
        instances.push(one);
    }
    if (options.json) {
        print_json(json::value::object({{"instances", std::move(instances)}}));
    } else {
        print(table(rows));
    }
    return exit_ok;
}

int show_running(const instance_options& options) {
    const auto found =
        ask_admin(options.admin, "GET", "/instances/" + net::percent_encode(options.name));
    if (!found) return admin_failure(found.error_value());
    if (options.json) return print_json(*found), exit_ok;
    std::vector<std::vector<std::string>> facts = {
        {"instance", options.name},
        {"customer", found->string_or("customer", "")},
        {"integration",
         found->string_or("integration", "") + ' ' + found->string_or("version", "")},
        {"before", found->string_or("previousVersion", "-")},
        {"state", state_of(*found)}};
    const std::string error = found->string_or("error", "");
    if (!error.empty()) facts.push_back({"error", error});
    const json::value& config = found->get("config");
    if (config.is_object()) {
        for (const auto& [name, content] : config.members())
            facts.push_back({"config." + name, json::to_text(content)});
    }
    const json::value& connections = found->get("connections");
    for (std::size_t i = 0; i < connections.size(); ++i) {
        const json::value& one = connections.at(i);
        const std::string shared = one.string_or("shared", "");
        facts.push_back({"connections." + one.string_or("name", ""),
                         shared.empty() ? "its own" : "shared: " + shared});
    }
    print(table(facts));
    std::vector<std::vector<std::string>> rows = {{"FLOW", "EXECUTION", "STATE"}};
    const json::value& runs = found->get("runs");
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const json::value& one = runs.at(i);
        rows.push_back({one.string_or("flow", ""), one.string_or("execution", ""),
                        one.string_or("state", "")});
    }
    if (rows.size() > 1) print("\n" + table(rows));
    return exit_ok;
}

int list(const instance_options& options) {
    if (options.data.empty()) return list_running(options);
    const auto found = read(options);
    if (!found) return print_error(found.error_value()), exit_environment;
    json::value instances = json::value::array();
    std::vector<std::vector<std::string>> rows = {
        {"INSTANCE", "CUSTOMER", "INTEGRATION", "VERSION", "STATE", "SINCE", "ERROR"}};
    for (const auto& [name, record] : *found) {
        rows.push_back({name, record.customer, record.integration, record.release,
                        to_string(record.state), time_text(record.changed_ms),
                        shortened(record.error, 80)});
        instances.push(json_of(name, record));
    }
    if (options.json) {
        print_json(json::value::object({{"instances", std::move(instances)}}));
    } else {
        print(table(rows));
    }
    return exit_ok;
}

void show_text(const std::string& name, const deployment_record& record) {
    std::vector<std::vector<std::string>> facts = {
        {"instance", name},
        {"customer", record.customer},
        {"integration", record.integration + ' ' + record.release},
        {"manifest", record.version},
        {"state", to_string(record.state)},
        {"since", time_text(record.changed_ms)},
        {"attempt", std::to_string(record.attempt) + " (" + record.reason + ')'}};
    if (!record.error.empty()) facts.push_back({"error", record.error});
    print(table(facts));
    if (record.runs.empty()) return;
    std::vector<std::vector<std::string>> rows = {{"FLOW", "EXECUTION", "STATE"}};
    for (const deployment_record::run& one : record.runs)
        rows.push_back({one.flow, base::execution_id_text(one.execution), one.state});
    print("\n" + table(rows));
}

int show(const instance_options& options) {
    if (options.data.empty()) return show_running(options);
    const auto found = read(options);
    if (!found) return print_error(found.error_value()), exit_environment;
    const auto one = found->find(options.name);
    if (one == found->end()) {
        print_error(base::make_error(base::error_code::not_found,
                                     "there is no instance \"" + options.name + '"',
                                     "`sluice instance list` names them"));
        return exit_refused;
    }
    if (options.json) {
        print_json(json_of(one->first, one->second));
    } else {
        show_text(one->first, one->second);
    }
    return exit_ok;
}

}  // namespace

void add_instance_commands(CLI::App& app, int& code) {
    auto options = std::make_shared<instance_options>();
    CLI::App& group =
        *app.add_subcommand("instance", "What has become of each instance, and changes of one");
    group.require_subcommand(1);

    CLI::App& list_command = *group.add_subcommand("list", "All instances");
    list_command.add_option("--data", options->data,
                            "Read this folder of a store, whether the host runs or not; removed "
                            "instances are there, too");
    add_admin_options(list_command, options->admin);
    list_command.add_flag("--json", options->json, "Print JSON");
    list_command.footer("Example: sluice instance list --data DIR");
    list_command.callback([options, &code] { code = list(*options); });

    CLI::App& show_command =
        *group.add_subcommand("show", "One instance with the executions that deployed it");
    show_command.add_option("NAME", options->name, "The instance")->required();
    show_command.add_option("--data", options->data,
                            "Read this folder of a store, whether the host runs or not");
    add_admin_options(show_command, options->admin);
    show_command.add_flag("--json", options->json, "Print JSON");
    show_command.footer("Example: sluice instance show acme --token-file support.token");
    show_command.callback([options, &code] { code = show(*options); });

    add_instance_changes(group, code);
}

}  // namespace sluice::cli
