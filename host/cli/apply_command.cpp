// sluice apply, plan
#include <CLI/CLI.hpp>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "cli/admin_client.hpp"
#include "cli/commands.hpp"
#include "cli/deployment_wait.hpp"
#include "cli/document_files.hpp"
#include "cli/exit_code.hpp"
#include "cli/output.hpp"

namespace sluice::cli {
namespace {

constexpr int exit_would_change = 2;

struct apply_options {
    admin_settings admin;
    std::vector<std::string> files;
    bool plan = false;
    bool wait = false;
    bool json = false;
};

std::string sentence_of(const json::value& warning) {
    std::string out = warning.string_or("file", "");
    if (!out.empty()) out += ':' + std::to_string(warning.int_or("line", 0)) + ": ";
    return out + warning.string_or("message", "");
}

void print_plan(const json::value& answer) {
    std::map<std::string, std::size_t> counts;
    const json::value& plan = answer.get("plan");
    for (std::size_t i = 0; i < plan.size(); ++i) {
        const json::value& one = plan.at(i);
        const std::string change = one.string_or("change", "");
        ++counts[change];
        if (change == "none") continue;
        const std::string object = one.string_or("object", "");
        print(change + ' ' + one.string_or("kind", "") + (object.empty() ? "" : ' ' + object) +
              '\n');
        const json::value& details = one.get("details");
        for (std::size_t n = 0; n < details.size(); ++n)
            print("    " + details.at(n).as_string() + '\n');
    }
    const json::value& warnings = answer.get("warnings");
    for (std::size_t i = 0; i < warnings.size(); ++i)
        print("warning: " + sentence_of(warnings.at(i)) + '\n');
    const std::size_t changes = plan.size() - counts["none"];
    print(std::to_string(changes) + " of " + std::to_string(plan.size()) +
          (answer.bool_or("applied", false) ? " changed\n" : " would change\n"));
}

int apply(const apply_options& options) {
    auto files = document_files(options.files);
    if (!files) return print_error(files.error_value()), exit_refused;
    json::value documents = json::value::array();
    for (instance::document& one : *files) {
        documents.push(
            json::value::object({{"name", std::move(one.name)}, {"text", std::move(one.text)}}));
    }
    const json::value body =
        json::value::object({{"documents", std::move(documents)}, {"dryRun", options.plan}});
    auto answer = ask_admin(options.admin, "POST", "/apply", body);
    if (!answer) return admin_failure(answer.error_value());
    std::set<std::string> instances;
    bool changes = false;
    const json::value& plan = answer->get("plan");
    for (std::size_t i = 0; i < plan.size(); ++i) {
        const json::value& one = plan.at(i);
        if (one.string_or("change", "") != "none") changes = true;
        if (one.string_or("kind", "") == "instance") instances.insert(one.string_or("object", ""));
    }
    if (options.json) {
        print_json(*answer);
    } else {
        print_plan(*answer);
    }
    if (options.plan) return changes ? exit_would_change : static_cast<int>(exit_ok);
    return options.wait ? wait_for_instances(options.admin, instances) : exit_ok;
}

CLI::App& add(CLI::App& app, const std::shared_ptr<apply_options>& options, const char* name,
              const char* description) {
    CLI::App& command = *app.add_subcommand(name, description);
    command
        .add_option("-f,--file", options->files,
                    "Files, folders (all integrations, instances, customers and the organization "
                    "below, not those in folders named tests) and patterns")
        ->required();
    add_admin_options(command, options->admin);
    command.add_flag("--json", options->json, "Print JSON");
    return command;
}

}  // namespace

void add_apply_commands(CLI::App& app, int& code) {
    auto applied = std::make_shared<apply_options>();
    CLI::App& apply_command =
        add(app, applied, "apply",
            "Deploy integrations, instances and customers on a running host, all or nothing");
    apply_command.add_flag("--wait", applied->wait,
                           "Until deploy flows have ended; exit code 1 when one failed");
    apply_command.footer(
        "Doing it twice changes nothing. An instance without its integration beside it stays on "
        "its version; a new one gets the newest. `{ $env: NAME }` is a variable of the host's "
        "process, `{ $file: path }` a file on its machine.\n"
        "Example: sluice apply -f flows/github-to-your-app --wait --token-file deploy.token");
    apply_command.callback([applied, &code] { code = apply(*applied); });

    auto planned = std::make_shared<apply_options>();
    planned->plan = true;
    CLI::App& plan_command =
        add(app, planned, "plan", "Say what `apply` would change, and do nothing");
    plan_command.footer(
        "Exit code: 0 nothing would change, 2 something would.\n"
        "Example: sluice plan -f flows/github-to-your-app --token-file deploy.token");
    plan_command.callback([planned, &code] { code = apply(*planned); });
}

}  // namespace sluice::cli
