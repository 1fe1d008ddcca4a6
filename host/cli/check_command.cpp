// sluice check MANIFEST...
#include <CLI/CLI.hpp>
#include <filesystem>
#include <map>
#include <memory>

#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/output.hpp"
#include "manifest/load.hpp"
#include "plugin/scan.hpp"

namespace sluice::cli {
namespace {

struct check_options {
    std::vector<std::filesystem::path> files;
    std::filesystem::path plugins;
    bool json = false;
};

struct findings {
    std::vector<base::error> problems;
    std::vector<base::error> warnings;

    template <class T>
    void take(manifest::load_outcome<T>& outcome) {
        for (base::error& one : outcome.problems)
            problems.push_back(std::move(one));
        for (base::error& one : outcome.warnings)
            warnings.push_back(std::move(one));
    }
};

base::error at(const base::source_position& where, std::string message, std::string hint) {
    base::error out =
        base::make_error(base::error_code::invalid_input, std::move(message), std::move(hint));
    out.where = where;
    return out;
}

// Do the connectors in the folder have what the flows call?
void check_calls(const manifest::integration& integration, const plugin::scan_result& scan,
                 findings& into) {
    const auto newest = [&](const std::string& id) -> const plugin::descriptor* {
        const plugin::descriptor* best = nullptr;
        const auto wanted = integration.connectors.find(id);
        for (const plugin::found_connector& one : scan.found) {
            const plugin::descriptor& d = one.description;
            if (d.id != id) continue;
            if (wanted != integration.connectors.end() &&
                !wanted->second.accepts(d.version.to_text())) {
                continue;
            }
            if (best == nullptr || best->version < d.version) best = &d;
        }
        return best;
    };
    const auto check_one = [&](const std::string& connector, const std::string& action,
                               const std::string& connection, bool verifier,
                               const base::source_position& where) {
        const plugin::descriptor* found = newest(connector);
        if (found == nullptr) {
            into.problems.push_back(at(where,
                                       "no connector \"" + connector +
                                           "\" of a version this manifest accepts is in the folder",
                                       "`sluice connector list` shows what is there"));
            return;
        }
        const plugin::action_description* known = found->find_action(action);
        if (known == nullptr) {
            into.problems.push_back(
                at(where, "connector \"" + connector + "\" has no action \"" + action + "\"",
                   "`sluice connector show " + connector + "` lists its actions"));
            return;
        }
        if (verifier && !known->verifier) {
            into.problems.push_back(at(where,
                                       "\"" + connector + "." + action + "\" verifies nothing",
                                       "name an action with the flag `verifier`"));
        }
        if (known->connection == plugin::connection_need::required && connection.empty()) {
            into.problems.push_back(at(where,
                                       "\"" + connector + "." + action + "\" needs a connection",
                                       "add `connection: NAME` to `with`"));
        }
    };
    for (const manifest::flow& flow : integration.flows) {
        if (const auto* hook = std::get_if<manifest::webhook_trigger>(&flow.trigger)) {
            if (hook->verify) {
                check_one(hook->verify->connector, hook->verify->action, hook->verify->connection,
                          true, hook->verify->where);
            }
        }
        for (const manifest::task* task : manifest::call_tasks(flow)) {
            const auto& call = std::get<manifest::call_task>(task->body);
            if (call.connector.empty()) continue;
            check_one(call.connector, call.action, call.connection, false, task->where);
        }
    }
}

json::value errors_json(const std::vector<base::error>& errors) {
    json::value out = json::value::array();
    for (const base::error& one : errors) {
        json::value item = json::value::object({{"message", one.message}, {"hint", one.hint}});
        if (one.where) {
            item.set("file", one.where->file);
            item.set("line", one.where->line);
            item.set("column", one.where->column);
        }
        out.push(std::move(item));
    }
    return out;
}

int report(const check_options& options, const findings& found) {
    if (options.json) {
        print_json(json::value::object({{"problems", errors_json(found.problems)},
                                        {"warnings", errors_json(found.warnings)}}));
    } else {
        for (const base::error& one : found.warnings)
            print("warning: " + one.to_text() + '\n');
        for (const base::error& one : found.problems)
            print("error: " + one.to_text() + '\n');
        if (found.problems.empty()) {
            print(std::to_string(options.files.size()) +
                  (options.files.size() == 1 ? " file is" : " files are") + " in order\n");
        }
    }
    return found.problems.empty() ? exit_ok : exit_refused;
}

int check(const check_options& options) {
    findings found;
    std::map<std::string, manifest::integration> integrations;
    std::vector<manifest::instance_file> instances;
    for (const std::filesystem::path& file : options.files) {
        const base::result<manifest::file_kind> kind = manifest::kind_of_file(file);
        if (!kind) {
            found.problems.push_back(kind.error_value());
        } else if (*kind == manifest::file_kind::instance) {
            auto loaded = manifest::load_instance(file);
            found.take(loaded);
            if (loaded.content) instances.push_back(std::move(*loaded.content));
        } else {
            auto loaded = manifest::load_integration(file);
            found.take(loaded);
            if (!loaded.content) continue;
            std::string id = loaded.content->id;
            integrations.emplace(std::move(id), std::move(*loaded.content));
        }
    }
    for (const manifest::instance_file& instance : instances) {
        const auto integration = integrations.find(instance.integration);
        if (integration == integrations.end()) continue;  // checked alone: its form is all we know
        for (base::error& one : manifest::check_instance(instance, integration->second)) {
            found.problems.push_back(std::move(one));
        }
    }
    if (!options.plugins.empty()) {
        base::result<plugin::scan_result> scan = plugin::scan_folder(options.plugins);
        if (!scan) return print_error(scan.error_value()), exit_environment;
        for (const auto& [id, integration] : integrations)
            check_calls(integration, *scan, found);
    }
    return report(options, found);
}

}  // namespace

void add_check_command(CLI::App& app, int& code) {
    auto options = std::make_shared<check_options>();
    CLI::App& command =
        *app.add_subcommand("check", "Check manifests and instance files, all problems at once");
    command.add_option("MANIFEST", options->files, "Integration and instance files")->required();
    command.add_option("--plugins", options->plugins,
                       "Also check that these connectors have the actions that are called");
    command.add_flag("--json", options->json, "Print JSON");
    command.footer(
        "Instances are checked against their integration when both are named.\n"
        "Exit code 1 when there is a problem.\n"
        "Example: sluice check flows/github-to-your-app/integration.yaml --plugins "
        "build/connectors");
    command.callback([options, &code] { code = check(*options); });
}

}  // namespace sluice::cli
