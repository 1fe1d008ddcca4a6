// sluice run MANIFEST FLOW --input FILE: one flow offline, each step shown.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "cli/commands.hpp"
#include "cli/offline_run.hpp"

namespace sluice::cli {

void add_run_command(CLI::App& app, int& code) {
    auto options = std::make_shared<offline_options>();
    CLI::App& command = *app.add_subcommand(
        "run", "Run one flow offline: nothing is kept, each step is printed with its output");
    command.add_option("MANIFEST", options->manifest, "The integration")->required();
    command.add_option("FLOW", options->flow, "Name of the flow")->required();
    command
        .add_option("--input", options->input,
                    "JSON file with the trigger's payload: {\"headers\": {..}, \"body\": ..}")
        ->required();
    command.add_option("--instance", options->instance,
                       "Instance file with config values and connections");
    command.add_option("--mock", options->mocks,
                       "YAML or JSON file with replies of actions, so that nothing is called");
    command.add_option("--plugins", options->plugins,
                       "Folder of connectors: actions without a mock are really called");
    command.add_option("--allow-egress", options->allow_egress,
                       "Private addresses that connectors may call");
    command.add_flag("--json", options->json, "Print one JSON document");
    command.footer(
        "A mock file: {\"your-app.upsertRecords\": {\"output\": {..}}, \"github.getRepository\":\n"
        "[{\"error\": {\"code\": \"unavailable\", \"status\": 503, \"message\": \"down\"}}, "
        "{\"output\": {..}}]}\n"
        "(a list is used in turn; the last one stays).\n"
        "Exit code 1 when the flow ends with a fault.\n"
        "Example: sluice run flows/github-to-your-app/integration.yaml issueToTicket \\\n"
        "  --input event.json --mock replies.yaml");
    command.callback([options, &code] { code = run_offline(*options); });
}

}  // namespace sluice::cli
