#include "cli/instance_changes.hpp"

#include <CLI/CLI.hpp>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cli/admin_client.hpp"
#include "cli/assignments.hpp"
#include "cli/deployment_wait.hpp"
#include "cli/exit_code.hpp"
#include "cli/output.hpp"
#include "json/text.hpp"
#include "net/url.hpp"

namespace sluice::cli {
namespace {

struct change_options {
    admin_settings admin;
    std::string name;
    std::string version;
    std::vector<std::string> values;       // NAME=VALUE
    std::vector<std::string> connections;  // NAME=JSON
    std::string customer;
    std::string integration;
    bool wait = false;
    bool json = false;
};

int change(const change_options& options, const std::string& method, const std::string& what,
           const json::value& body) {
    auto answer = ask_admin(options.admin, method,
                            "/instances/" + net::percent_encode(options.name) + "/" + what, body);
    if (!answer) return admin_failure(answer.error_value());
    if (options.json) {
        print_json(*answer);
    } else {
        const json::value details = answer->get("plan").at(0).get("details");
        for (std::size_t i = 0; i < details.size(); ++i)
            print(details.at(i).as_string() + '\n');
        if (details.size() == 0) print("nothing changes\n");
        print(options.name + ": " + answer->string_or("state", "") + '\n');
    }
    return options.wait ? wait_for_instances(options.admin, {options.name}) : exit_ok;
}

int set(const change_options& options) {
    base::result<json::value> values = read_assignments(options.values);
    if (!values) return admin_failure(values.error_value());
    return change(options, "PATCH", "config",
                  json::value::object({{"values", std::move(*values)}}));
}

// The same as applying a file that says so, but never over an instance that is there.
int create(const change_options& options) {
    auto values = read_assignments(options.values);
    if (!values) return admin_failure(values.error_value());
    auto connections = read_assignments(options.connections);
    if (!connections) return admin_failure(connections.error_value());
    const auto there =
        ask_admin(options.admin, "GET", "/instances/" + net::percent_encode(options.name));
    if (there) {
        return admin_failure(base::make_error(
            base::error_code::conflict, "there is an instance \"" + options.name + "\" already",
            "sluice instance set changes its values"));
    }
    if (there.error_value().code != base::error_code::not_found)
        return admin_failure(there.error_value());
    json::value document = json::value::object({{"instance", options.name},
                                                {"customer", options.customer},
                                                {"integration", options.integration},
                                                {"config", std::move(*values)},
                                                {"connections", std::move(*connections)}});
    json::value documents = json::value::array();
    documents.push(
        json::value::object({{"name", "command line"}, {"text", json::to_text(document)}}));
    const auto made = ask_admin(options.admin, "POST", "/apply",
                                json::value::object({{"documents", std::move(documents)}}));
    if (!made) return admin_failure(made.error_value());
    if (options.json) {
        print_json(*made);
    } else {
        print(options.name + " is there\n");
    }
    return options.wait ? wait_for_instances(options.admin, {options.name}) : exit_ok;
}

class group_of_changes {
  public:
    explicit group_of_changes(CLI::App& group) : group_(group) {}

    CLI::App& add(const std::string& name, const std::string& description,
                  const std::string& more = {}) {
        options = std::make_shared<change_options>();
        CLI::App& command = *group_.add_subcommand(name, description);
        command.add_option("NAME", options->name, "The instance")->required();
        add_admin_options(command, options->admin);
        command.add_flag("--json", options->json, "Print JSON");
        command.footer("Example: sluice instance " + name + " acme" + more +
                       " --token-file deploy.token");
        return command;
    }
    CLI::App& add_with_wait(const std::string& name, const std::string& description,
                            const std::string& more = {}) {
        CLI::App& command = add(name, description, more);
        command.add_flag("--wait", options->wait,
                         "Until its deploy or undeploy flows have ended; exit code 1 when one "
                         "failed");
        return command;
    }
    // Of the command that was added last.
    std::shared_ptr<change_options> options;

  private:
    CLI::App& group_;
};

}  // namespace

void add_instance_changes(CLI::App& group, int& code) {
    group_of_changes changes(group);
    const auto post = [&changes, &code](CLI::App& command, const std::string& what) {
        command.callback([options = changes.options, what, &code] {
            code = change(*options, "POST", what, {});
        });
    };
    post(changes.add("pause",
                     "Nothing of it starts: webhooks answer 503, schedules and polls rest; what "
                     "runs goes on"),
         "pause");
    post(changes.add("resume", "It goes on after a pause"), "resume");
    post(changes.add_with_wait("rollback",
                               "To the version it had before the last change of version"),
         "rollback");
    post(changes.add_with_wait("remove", "Run its undeploy flows, then forget it"), "remove");

    CLI::App& upgrade = changes.add_with_wait(
        "upgrade", "To another version of its integration that was applied", " --version 1.2.0");
    upgrade.add_option("--version", changes.options->version, "Which one; else the newest");
    upgrade.callback([options = changes.options, &code] {
        json::value body;
        if (!options->version.empty()) {
            body = json::value::object({{"version", options->version}});
        }
        code = change(*options, "POST", "upgrade", body);
    });

    CLI::App& create_command = changes.add_with_wait(
        "create", "Deploy an integration for a customer, without a file",
        " --customer acme --integration example/hello collection=tickets"
        " --connection 'app={\"type\":\"apiKey\",\"apiKey\":{\"$env\":\"KEY\"}}'");
    create_command.add_option("--customer", changes.options->customer, "Whose it is")->required();
    create_command
        .add_option("--integration", changes.options->integration,
                    "NAMESPACE/NAME; its newest version that was applied")
        ->required();
    create_command.add_option("--connection", changes.options->connections,
                              "NAME=JSON or NAME=@FILE, for each connection");
    create_command.add_option("VALUES", changes.options->values, "NAME=VALUE, as of `set`");
    create_command.callback([options = changes.options, &code] { code = create(*options); });

    CLI::App& set_command =
        changes.add_with_wait("set", "Change values of its config, and deploy it again",
                              " region=south 'limit=5' notes=@notes.txt");
    set_command
        .add_option("VALUES", changes.options->values,
                    "NAME=VALUE: JSON where it is some (5, true, '{\"$env\":\"KEY\"}', '\"5\"'), "
                    "else text; null takes the value away. NAME=@FILE: what the file holds")
        ->required();
    set_command.callback([options = changes.options, &code] { code = set(*options); });
}

}  // namespace sluice::cli
