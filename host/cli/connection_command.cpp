// sluice connection list | authorize | test | disconnect
#include <CLI/CLI.hpp>
#include <memory>
#include <span>
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

struct connection_options {
    admin_settings admin;
    std::vector<std::string> names;  // the instance, unless it is another's; then the connection
    std::string customer;
    bool organization = false;
    bool json = false;

    bool shared() const { return organization || !customer.empty(); }
    std::string owner() const {
        if (organization) return "the organization";
        return customer.empty() ? names.front() : "customer " + customer;
    }
};

std::string path_of(const connection_options& options, const std::string& verb = {}) {
    std::string out = options.organization ? "/organization"
                      : options.customer.empty()
                          ? "/instances/" + net::percent_encode(options.names.front())
                          : "/customers/" + net::percent_encode(options.customer);
    out += "/connections";
    if (!verb.empty()) out += "/" + net::percent_encode(options.names.back()) + "/" + verb;
    return out;
}

std::string or_dash(const json::value& object, const char* name) {
    const std::string text = object.string_or(name, "");
    return text.empty() ? "-" : text;
}

int list(const connection_options& options) {
    auto page = ask_admin(options.admin, "GET", path_of(options));
    if (!page) return admin_failure(page.error_value());
    if (options.json) return print_json(*page), exit_ok;
    std::vector<std::vector<std::string>> rows = {
        {"CONNECTION", "CONNECTOR", "TYPE", "STATE", "SHARED", "EXPIRES", "TROUBLE"}};
    const json::value& items = page->get("items");
    for (const json::value& one :
         items.is_array() ? items.items() : std::span<const json::value>()) {
        rows.push_back({one.string_or("name", ""), one.string_or("connector", ""),
                        one.string_or("type", ""), one.string_or("state", ""),
                        or_dash(one, "shared"), or_dash(one, "expires"),
                        shortened(one.get("trouble").string_or("reason", ""), 100)});
    }
    print(table(rows));
    return exit_ok;
}

int authorize(const connection_options& options) {
    auto begun = ask_admin(options.admin, "POST", path_of(options, "authorize"));
    if (!begun) return admin_failure(begun.error_value());
    if (options.json) return print_json(*begun), exit_ok;
    print(begun->string_or("url", "") + '\n');
    return exit_ok;
}

int test(const connection_options& options) {
    auto told = ask_admin(options.admin, "POST", path_of(options, "test"));
    if (!told) return admin_failure(told.error_value());
    const bool works = told->bool_or("ok", false);
    if (options.json) {
        print_json(*told);
    } else if (works) {
        print_json(told->get("output"));
    } else {
        print_error(base::make_error(base::error_code::auth, told->string_or("error", "")));
    }
    return works ? exit_ok : exit_refused;
}

int disconnect(const connection_options& options) {
    auto told = ask_admin(options.admin, "POST", path_of(options, "disconnect"));
    if (!told) return admin_failure(told.error_value());
    if (options.json) return print_json(*told), exit_ok;
    const json::value& revoked = told->get("revoked");
    print("disconnected " + options.names.back() + " of " + options.owner() +
          (revoked.is_null()                 ? ""
           : told->bool_or("revoked", false) ? "; the provider revoked its tokens"
                                             : "; the provider did not revoke its tokens") +
          '\n');
    return exit_ok;
}

CLI::App& add_command(CLI::App& group, const std::shared_ptr<connection_options>& options,
                      const char* verb, const char* what) {
    const bool of_one = std::string(verb) != "list";
    CLI::App& command = *group.add_subcommand(verb, what);
    command.add_option("NAMES", options->names,
                       of_one ? "INSTANCE NAME; with --customer or --organization NAME alone"
                              : "INSTANCE, unless --customer or --organization is given");
    CLI::Option& customer = *command.add_option("--customer", options->customer,
                                                "A connection that a customer's instances share");
    command.add_flag("--organization", options->organization, "One that all instances may share")
        ->excludes(&customer);
    add_admin_options(command, options->admin);
    command.add_flag("--json", options->json, "Print JSON");
    command.parse_complete_callback([options, of_one] {
        const std::size_t wanted = (of_one ? 1u : 0u) + (options->shared() ? 0u : 1u);
        if (options->names.size() == wanted) return;
        std::string form = options->shared() ? "" : "INSTANCE";
        if (of_one) form += form.empty() ? "NAME" : " NAME";
        throw CLI::ValidationError("NAMES",
                                   form.empty() ? "no name is expected here" : "expected " + form);
    });
    return command;
}

}  // namespace

void add_connection_commands(CLI::App& app, int& code) {
    auto options = std::make_shared<connection_options>();
    CLI::App& group = *app.add_subcommand(
        "connection", "Connections of instances, customers and the organization of a running host");
    group.require_subcommand(1);

    CLI::App& list_command = add_command(group, options, "list", "All of them with their states");
    list_command.footer(
        "Example: sluice connection list acme --token-file admin.token\n"
        "         sluice connection list --customer acme");
    list_command.callback([options, &code] { code = list(*options); });

    CLI::App& authorize_command =
        add_command(group, options, "authorize", "Print an address that a person opens, once");
    authorize_command.footer(
        "Whoever opens it within ten minutes and agrees decides whose account the instance works "
        "with, or all that share it.\nExample: sluice connection authorize acme crm\n"
        "         sluice connection authorize --organization mailer");
    authorize_command.callback([options, &code] { code = authorize(*options); });

    CLI::App& test_command =
        add_command(group, options, "test", "Ask the third party, print what it says");
    test_command.footer("Exit code 1 when it refuses.\nExample: sluice connection test acme crm");
    test_command.callback([options, &code] { code = test(*options); });

    CLI::App& disconnect_command =
        add_command(group, options, "disconnect", "Drop the tokens, and revoke them if possible");
    disconnect_command.footer("Example: sluice connection disconnect acme crm");
    disconnect_command.callback([options, &code] { code = disconnect(*options); });
}

}  // namespace sluice::cli
