// sluice check MANIFEST...
#include <CLI/CLI.hpp>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "cli/commands.hpp"
#include "cli/connection_check.hpp"
#include "cli/connector_facts.hpp"
#include "cli/exit_code.hpp"
#include "cli/output.hpp"
#include "manifest/load.hpp"
#include "manifest/problem_text.hpp"
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

    void take(std::vector<base::error> more) {
        for (base::error& one : more)
            problems.push_back(std::move(one));
    }
    template <class T>
    void take(manifest::load_outcome<T>& outcome) {
        take(std::move(outcome.problems));
        for (base::error& one : outcome.warnings)
            warnings.push_back(std::move(one));
    }
};

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
        manifest::problem_printer printer;
        for (const base::error& one : found.warnings)
            print(printer.print("warning", one));
        for (const base::error& one : found.problems)
            print(printer.print("error", one));
        if (found.problems.empty()) {
            print(std::to_string(options.files.size()) +
                  (options.files.size() == 1 ? " file is" : " files are") + " in order\n");
        }
    }
    return found.problems.empty() ? exit_ok : exit_refused;
}

using owner_files = std::map<std::string, manifest::owner_file>;

// Null: its file is not among those that are checked.
const manifest::owner_file* owner_of(const owner_files& all, const std::string& customer) {
    const auto found = all.find(customer);
    return found == all.end() ? nullptr : &found->second;
}

base::error second_file_of(const manifest::owner_file& first, const std::filesystem::path& file) {
    base::error out =
        base::make_error(base::error_code::conflict, "there are two files of " + first.to_text(),
                         "put this one and " + first.source + " into one");
    out.where = base::source_position{file.string(), 0, 0};
    return out;
}

int check(const check_options& options) {
    findings found;
    std::optional<manifest::connector_catalog> connectors;
    plugin::scan_result scanned;
    if (!options.plugins.empty()) {
        base::result<plugin::scan_result> scan = plugin::scan_folder(options.plugins);
        if (!scan) return print_error(scan.error_value()), exit_environment;
        scanned = std::move(*scan);
        connectors = connector_facts(scanned);
    }
    std::map<std::string, manifest::integration> integrations;
    std::vector<manifest::instance_file> instances;
    owner_files owners;  // by customer; "": the organization
    for (const std::filesystem::path& file : options.files) {
        const base::result<manifest::file_kind> kind = manifest::kind_of_file(file);
        if (!kind) {
            found.problems.push_back(kind.error_value());
        } else if (*kind == manifest::file_kind::instance) {
            auto loaded = manifest::load_instance(file);
            found.take(loaded);
            if (loaded.content) instances.push_back(std::move(*loaded.content));
        } else if (*kind == manifest::file_kind::owner) {
            auto loaded = manifest::load_owner(file);
            found.take(loaded);
            if (!loaded.content) continue;
            found.take(check_connection_fields(*loaded.content, scanned));
            const std::string customer = loaded.content->customer;
            const auto [at, is_new] = owners.emplace(customer, std::move(*loaded.content));
            if (!is_new) found.problems.push_back(second_file_of(at->second, file));
        } else if (*kind == manifest::file_kind::plain) {
            auto loaded = manifest::load_plain(file);
            found.take(loaded);
        } else {
            auto loaded = manifest::load_integration(file, connectors ? &*connectors : nullptr);
            found.take(loaded);
            if (!loaded.content) continue;
            std::string id = loaded.content->id;
            integrations.emplace(std::move(id), std::move(*loaded.content));
        }
    }
    for (const manifest::instance_file& instance : instances) {
        const auto integration = integrations.find(instance.integration);
        if (integration == integrations.end()) continue;  // checked alone: its form is all we know
        found.take(manifest::check_instance(
            instance, integration->second,
            {owner_of(owners, instance.customer), owner_of(owners, ""), false}));
        for (base::error& one : manifest::rename_warnings(instance, integration->second))
            found.warnings.push_back(std::move(one));
        found.take(check_connection_fields(instance, integration->second, scanned));
    }
    return report(options, found);
}

}  // namespace

void add_check_command(CLI::App& app, int& code) {
    auto options = std::make_shared<check_options>();
    CLI::App& command = *app.add_subcommand(
        "check", "Check files of integrations, instances and customers, all problems at once");
    command
        .add_option("MANIFEST", options->files,
                    "Files of integrations, instances, customers, the organization")
        ->required();
    command.add_option("--plugins", options->plugins,
                       "Also check that these connectors have the actions that are called, "
                       "that the input fits, and that no connection lacks a field");
    command.add_flag("--json", options->json, "Print JSON");
    command.footer(
        "Instances are checked against their integration when both are named, and what they share "
        "against their customer and the organization.\n"
        "Exit code 1 when there is a problem.\n"
        "Example: sluice check flows/github-to-your-app/integration.yaml --plugins "
        "build/connectors");
    command.callback([options, &code] { code = check(*options); });
}

}  // namespace sluice::cli
