// sluice export-ows MANIFEST FLOW: a flow as a plain document of the specification.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>

#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/output.hpp"
#include "json/text.hpp"
#include "manifest/export_ows.hpp"
#include "manifest/load.hpp"
#include "manifest/problem_text.hpp"

namespace sluice::cli {
namespace {

struct export_options {
    std::filesystem::path file;
    std::string flow;
};

int export_flow(const export_options& options) {
    const auto loaded = manifest::load_integration(options.file);
    if (!loaded.content) {
        manifest::problem_printer printer;
        for (const base::error& one : loaded.problems)
            std::fputs(printer.print("error", one).c_str(), stderr);
        return exit_refused;
    }
    const auto exported = manifest::export_ows(*loaded.content, options.flow);
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
