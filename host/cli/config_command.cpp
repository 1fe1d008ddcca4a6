// sluice config form MANIFEST
#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/output.hpp"
#include "cli/read_manifest.hpp"
#include "manifest/config_form.hpp"

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
}

}  // namespace sluice::cli
