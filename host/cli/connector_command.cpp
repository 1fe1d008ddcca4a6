// sluice connector list | show (check: connector_check_command.cpp, status and release:
// connector_live_command.cpp)
#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "cli/commands.hpp"
#include "cli/connector_check_command.hpp"
#include "cli/connector_isolation.hpp"
#include "cli/exit_code.hpp"
#include "cli/output.hpp"
#include "plugin/scan.hpp"

namespace sluice::cli {
namespace {

struct connector_options {
    std::filesystem::path plugins;
    std::string target;
    bool json = false;
};

json::value refusal_json(const plugin::refusal& one) {
    return json::value::object(
        {{"file", one.file.string()}, {"reason", one.reason}, {"nextStep", one.next_step}});
}

std::string file_name(const std::filesystem::path& file) { return file.filename().string(); }

int list(const connector_options& options) {
    base::result<plugin::scan_result> scan = plugin::scan_folder(options.plugins);
    if (!scan) return print_error(scan.error_value()), exit_environment;
    if (options.json) {
        json::value found = json::value::array();
        for (const plugin::found_connector& one : scan->found) {
            json::value actions = json::value::array();
            for (const auto& [id, action] : one.description.actions)
                actions.push(id);
            found.push(json::value::object({{"id", one.description.id},
                                            {"version", one.description.version.to_text()},
                                            {"title", one.description.title},
                                            {"file", one.file.string()},
                                            {"sha256", one.sha256},
                                            {"actions", std::move(actions)}}));
        }
        json::value refused = json::value::array();
        for (const plugin::refusal& one : scan->refused)
            refused.push(refusal_json(one));
        print_json(json::value::object(
            {{"connectors", std::move(found)}, {"refused", std::move(refused)}}));
        return exit_ok;
    }
    std::vector<std::vector<std::string>> rows = {
        {"CONNECTOR", "VERSION", "ACTIONS", "FILE", "TITLE"}};
    for (const plugin::found_connector& one : scan->found) {
        rows.push_back({one.description.id, one.description.version.to_text(),
                        std::to_string(one.description.actions.size()), file_name(one.file),
                        one.description.title});
    }
    print(table(rows));
    for (const plugin::refusal& one : scan->refused)
        print("refused " + one.to_text() + '\n');
    return exit_ok;
}

const char* need_text(plugin::connection_need need) {
    switch (need) {
        case plugin::connection_need::none:
            return "";
        case plugin::connection_need::optional:
            return "optional";
        case plugin::connection_need::required:
            return "required";
    }
    return "";
}

void show_errors(const plugin::descriptor& d) {
    std::vector<std::vector<std::string>> rows = {{"ACTION", "ERROR", "WHEN"}};
    for (const auto& [id, action] : d.actions) {
        for (const plugin::error_description& error : action.errors)
            rows.push_back({id, std::string(base::to_string(error.code)), error.when});
    }
    if (rows.size() > 1) print("\n" + table(rows));
}

void show_connections(const plugin::descriptor& d) {
    if (d.connections.empty()) return;
    std::vector<std::vector<std::string>> rows = {
        {"CONNECTION TYPE", "KIND", "SECRET FIELDS", "TITLE"}};
    print("\n");
    for (const auto& [type, connection] : d.connections) {
        std::string secrets;
        for (const std::string& field : connection.secret_fields) {
            secrets += (secrets.empty() ? "" : ", ") + field;
        }
        rows.push_back({type, connection.kind, secrets, connection.title});
    }
    print(table(rows));
}

void show_text(const plugin::found_connector& one) {
    const plugin::descriptor& d = one.description;
    print(d.id + " " + d.version.to_text() + ": " + d.title + '\n');
    if (!d.description.empty()) print(d.description + '\n');
    print("file " + one.file.string() + ", sha256 " + one.sha256 + "\n\n");
    std::vector<std::vector<std::string>> rows = {{"ACTION", "CONNECTION", "FLAGS", "TITLE"}};
    for (const auto& [id, action] : d.actions) {
        std::string flags;
        if (action.blocking) flags += "blocking ";
        if (action.idempotent) flags += "idempotent ";
        if (action.verifier) flags += "verifier ";
        if (action.handshake) flags += "handshake ";
        if (action.pages) flags += "pages ";
        rows.push_back({id, need_text(action.connection), flags, action.title});
    }
    print(table(rows));
    show_errors(d);
    show_connections(d);
    if (!d.docs.empty()) print("\n" + d.docs + (d.docs.ends_with('\n') ? "" : "\n"));
}

// By file, or by id (newest version) or "id@version" among the files of --plugins.
base::result<plugin::found_connector> find_target(const connector_options& options) {
    std::error_code ignored;
    if (std::filesystem::is_regular_file(options.target, ignored)) {
        auto verdict = plugin::inspect_file(std::filesystem::absolute(options.target));
        if (auto* refused = std::get_if<plugin::refusal>(&verdict)) {
            return base::make_error(base::error_code::invalid_input, refused->to_text());
        }
        return std::get<plugin::found_connector>(std::move(verdict));
    }
    if (options.plugins.empty()) {
        return base::make_error(base::error_code::not_found,
                                "there is no file \"" + options.target + "\"",
                                "name a file, or an id together with --plugins");
    }
    base::result<plugin::scan_result> scan = plugin::scan_folder(options.plugins);
    if (!scan) return std::move(scan).error_value();
    const std::size_t at = options.target.find('@');
    const std::string id = options.target.substr(0, at);
    const plugin::found_connector* best = nullptr;
    for (const plugin::found_connector& one : scan->found) {
        const std::string version = one.description.version.to_text();
        if (one.description.id != id) continue;
        if (at != std::string::npos && options.target.substr(at + 1) != version) continue;
        if (best == nullptr || best->description.version < one.description.version) best = &one;
    }
    if (best != nullptr) return *best;
    return base::make_error(
        base::error_code::not_found,
        "there is no connector \"" + options.target + "\" in " + options.plugins.string(),
        "`sluice connector list` shows what is there and what was refused");
}

int show(const connector_options& options) {
    base::result<plugin::found_connector> found = find_target(options);
    if (!found) return print_error(found.error_value()), exit_refused;
    if (options.json) {
        print_json(json::value::object({{"file", found->file.string()},
                                        {"sha256", found->sha256},
                                        {"descriptor", found->description.document}}));
    } else {
        show_text(*found);
    }
    return exit_ok;
}

}  // namespace

void add_connector_commands(CLI::App& app, int& code) {
    auto options = std::make_shared<connector_options>();
    CLI::App& group = *app.add_subcommand("connector", "Look at connectors");
    group.require_subcommand(1);
    add_live_connector_commands(group, code);

    CLI::App& list_command = *group.add_subcommand("list", "What a plugins folder holds");
    list_command.add_option("--plugins", options->plugins, "Folder of connectors")->required();
    list_command.add_flag("--json", options->json, "Print JSON");
    list_command.footer("Example: sluice connector list --plugins build/connectors");
    list_command.callback([options, &code] { code = list(*options); });

    CLI::App& show_command =
        *group.add_subcommand("show", "Actions and connections of one connector");
    show_command.add_option("FILE|ID", options->target, "A file, an id, or id@version")->required();
    show_command.add_option("--plugins", options->plugins, "Folder of connectors (for ids)");
    show_command.add_flag("--json", options->json, "Print the whole descriptor as JSON");
    show_command.footer("Example: sluice connector show github --plugins build/connectors");
    show_command.callback([options, &code] { code = show(*options); });

    add_connector_check_command(group, code);
}

}  // namespace sluice::cli
