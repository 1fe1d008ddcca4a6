// sluice alert list
#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "api/alerts.hpp"
#include "base/clock.hpp"
#include "cli/admin_client.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/output.hpp"
#include "instance/alert_records.hpp"
#include "instance/deployment_record.hpp"
#include "net/url.hpp"
#include "store/sqlite_store.hpp"

namespace sluice::cli {
namespace {

struct alert_options {
    std::filesystem::path data;
    admin_settings admin;
    std::string instance;
    std::string customer;
    bool json = false;
};

std::string path_of(const alert_options& options) {
    std::string query;
    if (!options.instance.empty()) query += "&instance=" + net::percent_encode(options.instance);
    if (!options.customer.empty()) query += "&customer=" + net::percent_encode(options.customer);
    return query.empty() ? "/alerts" : "/alerts?" + query.substr(1);
}

// As the host would list them.
base::result<std::vector<json::value>> read_data(const alert_options& options) {
    base::system_clock clock;
    const auto reader = store::open_sqlite_reader(options.data, clock);
    if (!reader) return reader.error_value();
    const auto raised = instance::read_alerts(**reader);
    if (!raised) return raised.error_value();
    const auto instances = instance::read_deployments(**reader);
    if (!instances) return instances.error_value();
    std::vector<json::value> out;
    for (const instance::raised_alert& one : *raised) {
        const auto of = instances->find(one.instance);
        using state_kind = instance::deployment_record::state_kind;
        if (of == instances->end() || of->second.state == state_kind::removed) continue;
        if (!options.instance.empty() && one.instance != options.instance) continue;
        if (!options.customer.empty() && of->second.customer != options.customer) continue;
        out.push_back(
            api::alert_json(one, of->second.customer, of->second.integration, of->second.release));
    }
    return out;
}

int show(const alert_options& options, const std::vector<json::value>& items) {
    if (options.json) {
        json::value all = json::value::array();
        for (const json::value& one : items)
            all.push(one);
        return print_json(json::value::object({{"items", std::move(all)}})), exit_ok;
    }
    if (items.empty()) return print("no alert is raised\n"), exit_ok;
    std::vector<std::vector<std::string>> rows = {
        {"INSTANCE", "CUSTOMER", "ALERT", "KIND", "ABOUT", "SINCE", "COUNT"}};
    std::string advice;
    for (const json::value& one : items) {
        const std::string about = one.string_or("flow", one.string_or("connection", ""));
        rows.push_back({one.string_or("instance", ""), one.string_or("customer", ""),
                        one.string_or("alert", ""), one.string_or("kind", ""), about,
                        one.string_or("since", ""), std::to_string(one.int_or("count", 0))});
        advice += table({{"- " + one.string_or("what", "")}, {"  " + one.string_or("advice", "")}});
    }
    print(table(rows) + '\n' + advice);
    return exit_ok;
}

int list(const alert_options& options) {
    if (!options.data.empty()) {
        const auto items = read_data(options);
        if (!items) return print_error(items.error_value()), exit_environment;
        return show(options, *items);
    }
    const auto items = all_pages(options.admin, path_of(options));
    if (!items) return admin_failure(items.error_value());
    return show(options, *items);
}

}  // namespace

void add_alert_commands(CLI::App& app, int& code) {
    auto options = std::make_shared<alert_options>();
    CLI::App& group = *app.add_subcommand("alert", "Alerts of a running host");
    group.require_subcommand(1);
    CLI::App& command = *group.add_subcommand("list", "What is raised, and what to do about it");
    command.add_option("--instance", options->instance, "Only of this instance");
    command.add_option("--customer", options->customer, "Only of this customer");
    command.add_option("--data", options->data,
                       "Read this data folder instead of asking the host; it may be down");
    add_admin_options(command, options->admin);
    command.add_flag("--json", options->json, "Print JSON");
    command.footer("Example: sluice alert list --customer acme");
    command.callback([options, &code] { code = list(*options); });
}

}  // namespace sluice::cli
