// sluice connection list | authorize | test | disconnect
#include <CLI/CLI.hpp>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include "cli/admin_client.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/output.hpp"
#include "net/url.hpp"

namespace sluice::cli {
namespace {

struct connection_options {
    admin_settings admin;
    std::string instance;
    std::string name;
    bool json = false;
};

std::string path_of(const connection_options& options, const std::string& verb = {}) {
    std::string out = "/instances/" + net::percent_encode(options.instance) + "/connections";
    if (!verb.empty()) out += "/" + net::percent_encode(options.name) + "/" + verb;
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
        {"CONNECTION", "CONNECTOR", "TYPE", "STATE", "EXPIRES", "TROUBLE"}};
    const json::value& items = page->get("items");
    for (const json::value& one :
         items.is_array() ? items.items() : std::span<const json::value>()) {
        rows.push_back({one.string_or("name", ""), one.string_or("connector", ""),
                        one.string_or("type", ""), one.string_or("state", ""),
                        or_dash(one, "expires"),
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
    print("disconnected " + options.name + " of " + options.instance +
          (revoked.is_null()                 ? ""
           : told->bool_or("revoked", false) ? "; the provider revoked its tokens"
                                             : "; the provider did not revoke its tokens") +
          '\n');
    return exit_ok;
}

CLI::App& add_command(CLI::App& group, const std::shared_ptr<connection_options>& options,
                      const char* verb, const char* what) {
    CLI::App& command = *group.add_subcommand(verb, what);
    command.add_option("INSTANCE", options->instance, "The instance")->required();
    if (std::string(verb) != "list") {
        command.add_option("NAME", options->name, "The connection")->required();
    }
    add_admin_options(command, options->admin);
    command.add_flag("--json", options->json, "Print JSON");
    return command;
}

}  // namespace

void add_connection_commands(CLI::App& app, int& code) {
    auto options = std::make_shared<connection_options>();
    CLI::App& group =
        *app.add_subcommand("connection", "Connections of an instance of a running host");
    group.require_subcommand(1);

    CLI::App& list_command = add_command(group, options, "list", "All of them with their states");
    list_command.footer("Example: sluice connection list acme --token-file admin.token");
    list_command.callback([options, &code] { code = list(*options); });

    CLI::App& authorize_command =
        add_command(group, options, "authorize", "Print an address that a person opens, once");
    authorize_command.footer(
        "Whoever opens it within ten minutes and agrees decides whose account the instance works "
        "with.\nExample: sluice connection authorize acme crm");
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
