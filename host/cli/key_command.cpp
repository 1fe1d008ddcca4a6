// sluice key create | list | revoke
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

#include "cli/admin_client.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/output.hpp"
#include "net/url.hpp"

namespace sluice::cli {
namespace {

struct key_options {
    admin_settings admin;
    std::string instance;
    std::string name;
    std::string id;
    bool json = false;
};

std::string path_of(const key_options& options) {
    return "/instances/" + net::percent_encode(options.instance) + "/keys";
}

int create(const key_options& options) {
    auto made = ask_admin(options.admin, "POST", path_of(options),
                          json::value::object({{"name", options.name}}));
    if (!made) return admin_failure(made.error_value());
    if (options.json) {
        print_json(*made);
    } else {
        print(made->string_or("key", "") + '\n');
    }
    if (!made->bool_or("askedFor", true)) {
        std::fprintf(stderr,
                     "warning: no webhook of %s asks for keys, so this one opens nothing; write "
                     "endpoint: { keys: required } in the integration, or webhook: { keys: "
                     "required } in a flow\n",
                     options.instance.c_str());
    }
    return exit_ok;
}

int list(const key_options& options) {
    auto page = ask_admin(options.admin, "GET", path_of(options));
    if (!page) return admin_failure(page.error_value());
    const json::value& items = page->get("items");
    if (options.json) {
        print_json(json::value::object({{"keys", items}}));
        return exit_ok;
    }
    std::vector<std::vector<std::string>> rows = {{"ID", "NAME", "CREATED"}};
    for (std::size_t i = 0; i < items.size(); ++i) {
        const json::value& one = items.at(i);
        rows.push_back(
            {one.string_or("id", ""), one.string_or("name", ""), one.string_or("created", "")});
    }
    print(table(rows));
    return exit_ok;
}

int revoke(const key_options& options) {
    auto done = ask_admin(options.admin, "DELETE",
                          path_of(options) + "/" + net::percent_encode(options.id));
    if (!done) return admin_failure(done.error_value());
    print("revoked " + options.id + '\n');
    return exit_ok;
}

}  // namespace

void add_key_commands(CLI::App& app, int& code) {
    auto options = std::make_shared<key_options>();
    CLI::App& group =
        *app.add_subcommand("key", "Keys of an instance's webhooks (endpoint: { keys: .. })");
    group.require_subcommand(1);
    const auto add = [&](const char* name, const char* what) -> CLI::App& {
        CLI::App& command = *group.add_subcommand(name, what);
        command.add_option("INSTANCE", options->instance, "The instance")->required();
        add_admin_options(command, options->admin);
        return command;
    };

    CLI::App& create_command = add("create", "Make a key and print it, this once");
    create_command.add_option("--name", options->name, "Who gets it")->required();
    create_command.add_flag("--json", options->json, "Print JSON");
    create_command.footer(
        "Senders put it into the header Api-Key, or into Authorization: Bearer. To change a key,\n"
        "make a new one, give it to the sender, then revoke the old one: nothing is refused.\n"
        "Where keys are optional, the first one refuses all senders that have none.\n"
        "Example: sluice key create acme --name shop");
    create_command.callback([options, &code] { code = create(*options); });

    CLI::App& list_command = add("list", "The instance's keys, never what they read");
    list_command.add_flag("--json", options->json, "Print JSON");
    list_command.footer("Example: sluice key list acme");
    list_command.callback([options, &code] { code = list(*options); });

    CLI::App& revoke_command = add("revoke", "It opens nothing any more");
    revoke_command.add_option("ID", options->id, "See `sluice key list`")->required();
    revoke_command.footer("Example: sluice key revoke acme k01jd3kq5m7zr2");
    revoke_command.callback([options, &code] { code = revoke(*options); });
}

}  // namespace sluice::cli
