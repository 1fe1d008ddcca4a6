// sluice config form | options
#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cli/admin_client.hpp"
#include "cli/assignments.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/output.hpp"
#include "cli/read_manifest.hpp"
#include "json/text.hpp"
#include "manifest/config_form.hpp"
#include "net/url.hpp"

namespace sluice::cli {
namespace {

struct config_options {
    std::filesystem::path file;
    std::string visibility = "organization";
};

int show_form(const config_options& options) {
    const std::optional<manifest::integration> integration = read_manifest(options.file);
    if (!integration) return exit_refused;
    using audience = manifest::config_declaration::audience;
    print_json(manifest::config_form(*integration, options.visibility == "customer"
                                                       ? audience::customer
                                                       : audience::organization));
    return exit_ok;
}

struct option_wishes {
    admin_settings admin;
    std::string instance;
    std::string variable;
    std::vector<std::string> values;
    bool json = false;
};

int show_options(const option_wishes& wanted) {
    const base::result<json::value> values = read_assignments(wanted.values);
    if (!values) return admin_failure(values.error_value());
    const auto told = ask_admin(
        wanted.admin, "POST", "/instances/" + net::percent_encode(wanted.instance) + "/options",
        json::value::object({{"variable", wanted.variable}, {"values", *values}}));
    if (!told) return admin_failure(told.error_value());
    if (wanted.json) return print_json(*told), exit_ok;
    std::vector<std::vector<std::string>> rows = {{"VALUE", "LABEL"}};
    const json::value& options = told->get("options");
    for (std::size_t i = 0; i < options.size(); ++i) {
        const json::value& value = options.at(i).get("value");
        rows.push_back({value.is_string() ? value.as_string() : json::to_text(value),
                        options.at(i).string_or("label", "")});
    }
    print(table(rows));
    return exit_ok;
}

void add_options_command(CLI::App& group, int& code) {
    auto wanted = std::make_shared<option_wishes>();
    CLI::App& command =
        *group.add_subcommand("options", "What a picklist of an instance offers right now");
    command.add_option("INSTANCE", wanted->instance, "The instance")->required();
    command.add_option("VARIABLE", wanted->variable, "A picklist of its config")->required();
    command.add_option("NAME=VALUE", wanted->values,
                       "Values of other variables, taken as if they were set");
    add_admin_options(command, wanted->admin);
    command.add_flag("--json", wanted->json, "Print JSON");
    command.footer(
        "Those of the manifest, or asked of the connector's action that it names.\n"
        "Example: sluice config options acme table region=eu");
    command.callback([wanted, &code] { code = show_options(*wanted); });
}

}  // namespace

void add_config_commands(CLI::App& app, int& code) {
    auto options = std::make_shared<config_options>();
    CLI::App& group = *app.add_subcommand("config", "What an integration asks its instances for");
    group.require_subcommand(1);
    CLI::App& form =
        *group.add_subcommand("form", "Print the form of an integration's values as JSON");
    form.add_option("MANIFEST", options->file, "The integration's manifest")->required();
    form.add_option("--visibility", options->visibility,
                    "customer: only what customers see; organization: everything (default)")
        ->check(CLI::IsMember({"customer", "organization"}));
    form.footer(
        "Pages in order, each with its variables: type, options, limits, default.\n"
        "Exit code 1 when the manifest is wrong.\n"
        "Example: sluice config form flows/github-to-your-app/integration.yaml "
        "--visibility customer");
    form.callback([options, &code] { code = show_form(*options); });
    add_options_command(group, code);
}

}  // namespace sluice::cli
