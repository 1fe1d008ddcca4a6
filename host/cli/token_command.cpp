// sluice token create | list | revoke
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

struct token_options {
    admin_settings admin;
    std::string name;
    std::vector<std::string> scopes;
    std::string instance;
    std::string customer;
    std::string expires;
    std::string id;
    bool json = false;
};

int create(const token_options& options) {
    json::value scopes = json::value::array();
    for (const std::string& one : options.scopes)
        scopes.push(one);
    json::value body = json::value::object({{"name", options.name}, {"scopes", std::move(scopes)}});
    if (!options.instance.empty()) body.set("instance", options.instance);
    if (!options.customer.empty()) body.set("customer", options.customer);
    if (!options.expires.empty()) body.set("expires", options.expires);
    auto made = ask_admin(options.admin, "POST", "/tokens", body);
    if (!made) return admin_failure(made.error_value());
    if (options.json) {
        print_json(*made);
    } else {
        print(made->string_or("token", "") + '\n');
    }
    return exit_ok;
}

std::string joined(const json::value& names) {
    std::string out;
    if (!names.is_array()) return out;
    for (const json::value& name : names.items()) {
        if (name.is_string()) out += (out.empty() ? "" : " ") + name.as_string();
    }
    return out;
}

std::string binding_of(const json::value& token) {
    const std::string instance = token.string_or("instance", "");
    if (!instance.empty()) return "instance " + instance;
    const std::string customer = token.string_or("customer", "");
    return customer.empty() ? "-" : "customer " + customer;
}

int list(const token_options& options) {
    std::vector<std::vector<std::string>> rows = {{"ID", "NAME", "SCOPES", "BOUND TO", "EXPIRES"}};
    json::value all = json::value::array();
    auto found = all_pages(options.admin, "/tokens");
    if (!found) return admin_failure(found.error_value());
    for (const json::value& one : *found) {
        rows.push_back({one.string_or("id", ""), one.string_or("name", ""),
                        joined(one.get("scopes")), binding_of(one),
                        one.string_or("expires", "never")});
        all.push(one);
    }
    if (options.json) {
        print_json(json::value::object({{"tokens", std::move(all)}}));
    } else {
        print(table(rows));
    }
    return exit_ok;
}

int revoke(const token_options& options) {
    auto done = ask_admin(options.admin, "DELETE", "/tokens/" + net::percent_encode(options.id));
    if (!done) return admin_failure(done.error_value());
    print("revoked " + options.id + '\n');
    return exit_ok;
}

}  // namespace

void add_token_commands(CLI::App& app, int& code) {
    auto options = std::make_shared<token_options>();
    CLI::App& group = *app.add_subcommand("token", "Tokens of the admin API of a running host");
    group.require_subcommand(1);

    CLI::App& create_command =
        *group.add_subcommand("create", "Make a token and print it, this once");
    create_command.add_option("--name", options->name, "What it is for")->required();
    create_command
        .add_option("--scope", options->scopes, "read, operate, deploy, secrets, admin (all)")
        ->required();
    create_command.add_option("--instance", options->instance, "Only for this instance");
    create_command.add_option("--customer", options->customer,
                              "Only for the instances of this customer");
    create_command.add_option("--expires", options->expires, "For example 2027-01-31T00:00:00Z");
    add_admin_options(create_command, options->admin);
    create_command.add_flag("--json", options->json, "Print JSON");
    create_command.footer(
        "Example: sluice token create --name support --scope read operate --customer acme");
    create_command.callback([options, &code] { code = create(*options); });

    CLI::App& list_command = *group.add_subcommand("list", "All tokens, never what they read");
    add_admin_options(list_command, options->admin);
    list_command.add_flag("--json", options->json, "Print JSON");
    list_command.footer("Example: sluice token list --token-file admin.token");
    list_command.callback([options, &code] { code = list(*options); });

    CLI::App& revoke_command = *group.add_subcommand("revoke", "Nobody gets in with it any more");
    revoke_command.add_option("ID", options->id, "See `sluice token list`")->required();
    add_admin_options(revoke_command, options->admin);
    revoke_command.footer("Example: sluice token revoke t01jd3kq5m7zr2");
    revoke_command.callback([options, &code] { code = revoke(*options); });
}

}  // namespace sluice::cli
