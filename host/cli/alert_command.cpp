// sluice alert list
#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/admin_client.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/output.hpp"
#include "net/url.hpp"

namespace sluice::cli {
namespace {

struct alert_options {
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

int list(const alert_options& options) {
    const auto items = all_pages(options.admin, path_of(options));
    if (!items) return admin_failure(items.error_value());
    if (options.json) {
        json::value all = json::value::array();
        for (const json::value& one : *items)
            all.push(one);
        return print_json(json::value::object({{"items", std::move(all)}})), exit_ok;
    }
    if (items->empty()) return print("no alert is raised\n"), exit_ok;
    std::vector<std::vector<std::string>> rows = {
        {"INSTANCE", "CUSTOMER", "ALERT", "KIND", "ABOUT", "SINCE", "COUNT"}};
    std::string advice;
    for (const json::value& one : *items) {
        const std::string about = one.string_or("flow", one.string_or("connection", ""));
        rows.push_back({one.string_or("instance", ""), one.string_or("customer", ""),
                        one.string_or("alert", ""), one.string_or("kind", ""), about,
                        one.string_or("since", ""), std::to_string(one.int_or("count", 0))});
        advice += table({{"- " + one.string_or("what", "")}, {"  " + one.string_or("advice", "")}});
    }
    print(table(rows) + '\n' + advice);
    return exit_ok;
}

}  // namespace

void add_alert_commands(CLI::App& app, int& code) {
    auto options = std::make_shared<alert_options>();
    CLI::App& group = *app.add_subcommand("alert", "Alerts of a running host");
    group.require_subcommand(1);
    CLI::App& command = *group.add_subcommand("list", "What is raised, and what to do about it");
    command.add_option("--instance", options->instance, "Only of this instance");
    command.add_option("--customer", options->customer, "Only of this customer");
    add_admin_options(command, options->admin);
    command.add_flag("--json", options->json, "Print JSON");
    command.footer("Example: sluice alert list --customer acme");
    command.callback([options, &code] { code = list(*options); });
}

}  // namespace sluice::cli
