// sluice export-ows MANIFEST FLOW: a flow as a plain document of the specification.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/output.hpp"
#include "cli/read_manifest.hpp"
#include "json/text.hpp"
#include "manifest/export_ows.hpp"

namespace sluice::cli {
namespace {

struct export_options {
    std::filesystem::path file;
    std::string flow;
};

int export_flow(const export_options& options) {
    const std::optional<manifest::integration> integration = read_manifest(options.file);
    if (!integration) return exit_refused;
    const auto exported = manifest::export_ows(*integration, options.flow);
    if (!exported) return print_error(exported.error_value()), exit_refused;
    for (const std::string& each : exported->differences)
        std::fprintf(stderr, "note: %s\n", each.c_str());
    print(json::to_pretty_text(exported->document) + '\n');
    return exit_ok;
}

}  // namespace

void add_export_command(CLI::App& app, int& code) {
    auto options = std::make_shared<export_options>();
    CLI::App* command = app.add_subcommand(
        "export-ows", "Print a flow as a plain document of the Open Workflow Specification");
    command->add_option("manifest", options->file, "The integration's manifest")->required();
    command->add_option("flow", options->flow, "The flow's name")->required();
    command->footer(
        "JSON on standard output; what the document cannot say, as notes on standard "
        "error. Exit code 0; 1: the manifest is wrong or has no such flow.");
    command->callback([options, &code] { code = export_flow(*options); });
}

}  // namespace sluice::cli
