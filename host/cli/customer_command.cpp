// sluice customer list | show | remove
#include <CLI/CLI.hpp>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cli/admin_client.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/output.hpp"
#include "json/text.hpp"
#include "net/url.hpp"

namespace sluice::cli {
namespace {

struct customer_options {
    admin_settings admin;
    std::string name;
    bool json = false;
};

std::string path_of(const customer_options& options) {
    return "/customers/" + net::percent_encode(options.name);
}

std::span<const json::value> items_of(const json::value& list) {
    return list.is_array() ? list.items() : std::span<const json::value>();
}

std::string joined(const json::value& names) {
    std::string out;
    for (const json::value& one : items_of(names))
        out += (out.empty() ? "" : " ") + (one.is_string() ? one.as_string() : std::string());
    return out;
}

int list(const customer_options& options) {
    const auto found = all_pages(options.admin, "/customers");
    if (!found) return admin_failure(found.error_value());
    std::vector<std::vector<std::string>> rows = {{"CUSTOMER", "TITLE", "INSTANCES"}};
    json::value customers = json::value::array();
    for (const json::value& one : *found) {
        rows.push_back({one.string_or("name", ""), one.string_or("title", "-"),
                        std::to_string(one.get("instances").size())});
        customers.push(one);
    }
    if (options.json) {
        print_json(json::value::object({{"customers", std::move(customers)}}));
    } else {
        print(table(rows));
    }
    return exit_ok;
}

int show(const customer_options& options) {
    const auto found = ask_admin(options.admin, "GET", path_of(options));
    if (!found) return admin_failure(found.error_value());
    if (options.json) return print_json(*found), exit_ok;
    std::vector<std::vector<std::string>> facts = {{"customer", options.name},
                                                   {"title", found->string_or("title", "-")},
                                                   {"instances", joined(found->get("instances"))}};
    for (const auto& [name, text] : found->get("labels").members())
        facts.push_back({"labels." + name, text.is_string() ? text.as_string() : std::string()});
    print(table(facts));
    std::vector<std::vector<std::string>> rows = {{"CONNECTION", "CONNECTOR", "TYPE", "USED BY"}};
    for (const json::value& one : items_of(found->get("connections"))) {
        rows.push_back({one.string_or("name", ""), one.string_or("connector", ""),
                        one.string_or("type", ""), joined(one.get("usedBy"))});
    }
    if (rows.size() > 1) print("\n" + table(rows));
    return exit_ok;
}

int remove(const customer_options& options) {
    const auto gone = ask_admin(options.admin, "DELETE", path_of(options));
    if (!gone) return admin_failure(gone.error_value());
    if (options.json) {
        print_json(json::value::object({{"removed", options.name}}));
    } else {
        print("removed customer " + options.name + '\n');
    }
    return exit_ok;
}

}  // namespace

void add_customer_commands(CLI::App& app, int& code) {
    auto options = std::make_shared<customer_options>();
    CLI::App& group = *app.add_subcommand("customer", "For whom a running host works");
    group.require_subcommand(1);
    const auto add = [&](const char* verb, const char* what, bool of_one,
                         int (*how)(const customer_options&)) {
        CLI::App& command = *group.add_subcommand(verb, what);
        if (of_one) command.add_option("NAME", options->name, "The customer")->required();
        add_admin_options(command, options->admin);
        command.add_flag("--json", options->json, "Print JSON");
        command.footer(std::string("Example: sluice customer ") + verb + (of_one ? " acme" : "") +
                       " --token-file admin.token");
        command.callback([options, how, &code] { code = how(*options); });
    };
    add("list", "All of them, those that only instances name included", false, list);
    add("show", "One with its instances and its shared connections", true, show);
    add("remove", "Forget its record, its connections and their tokens; it has no instances", true,
        remove);
}

}  // namespace sluice::cli
