// sluice run MANIFEST FLOW --input FILE: one flow offline, each step shown; sluice run --plain
// DOCUMENT: a document of the specification.
#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/offline_run.hpp"
#include "cli/output.hpp"
#include "cli/plain_run.hpp"

namespace sluice::cli {
namespace {

struct run_options {
    offline_options flow;
    plain_options plain;
};

int usage(const char* message) {
    print_error(base::make_error(base::error_code::invalid_input, message,
                                 "sluice run --help shows both ways"));
    return exit_usage;
}

int run(run_options& options) {
    if (options.plain.document.empty()) {
        if (options.flow.manifest.empty() || options.flow.flow.empty()) {
            return usage("MANIFEST and FLOW are missing");
        }
        if (!options.plain.trace.empty() || !options.plain.rewrites.empty() ||
            !options.plain.secrets.empty()) {
            return usage("--trace, --rewrite and --secret belong to --plain");
        }
        return run_offline(options.flow);
    }
    if (!options.flow.manifest.empty() || !options.flow.instance.empty() ||
        !options.flow.mocks.empty() || !options.flow.plugins.empty() ||
        !options.flow.files.empty()) {
        return usage(
            "--plain runs a document alone: no manifest, instance, mocks, files or plugins");
    }
    options.plain.input = options.flow.input;
    options.plain.allow_egress = options.flow.allow_egress;
    return run_plain(options.plain);
}

}  // namespace

void add_run_command(CLI::App& app, int& code) {
    auto options = std::make_shared<run_options>();
    CLI::App& command = *app.add_subcommand(
        "run", "Run one flow offline: nothing is kept, each step is printed with its output");
    command.add_option("MANIFEST", options->flow.manifest, "The integration");
    command.add_option("FLOW", options->flow.flow, "Name of the flow");
    command.add_option(
        "--input", options->flow.input,
        "JSON or YAML file: the trigger's payload {\"headers\": {..}, \"body\": ..}, "
        "or the input of a plain document; flows without a webhook run without one, too, on {}");
    command.add_option("--instance", options->flow.instance,
                       "Instance file with config values and connections");
    command.add_option("--mock", options->flow.mocks,
                       "YAML or JSON file with replies of actions, so that nothing is called; "
                       "waits then take no time");
    command.add_option("--plugins", options->flow.plugins,
                       "Folder of connectors: actions without a mock are really called");
    command.add_option("--file", options->flow.files,
                       "NAME=PATH, a file that the flow gets where {\"$blob\": \"NAME\"} stands in "
                       "the input or in a mock; with --plugins, more than once for more files");
    command.add_option("--allow-egress", options->flow.allow_egress,
                       "Private addresses that may be called");
    command.add_flag("--json", options->flow.json, "Print one JSON document");
    command.add_option("--plain", options->plain.document,
                       "A document of the Open Workflow Specification instead of a manifest: "
                       "prints its output as JSON, or its error on standard error");
    command.add_option("--trace", options->plain.trace,
                       "With --plain: write every task with times, input and output as JSON");
    command.add_option("--rewrite", options->plain.rewrites,
                       "With --plain: PREFIX=URL sends requests to URL that would go to PREFIX");
    command.add_option("--secret", options->plain.secrets,
                       "With --plain: NAME=@FILE, the value of a secret that the document names; "
                       "without it the variable SLUICE_SECRET_NAME is read");
    command.footer(
        "A mock file: {\"your-app.upsertRecords\": {\"output\": {..}}, \"github.getRepository\":\n"
        "[{\"error\": {\"code\": \"unavailable\", \"status\": 503, \"message\": \"down\"}}, "
        "{\"output\": {..}}]}\n"
        "(a list is used in turn; the last one stays; a reply with `when` answers the inputs that\n"
        "have what it says; \"http\" holds replies {\"status\", \"headers\", \"body\"} of call: "
        "http).\n"
        "Exit code 1 when the flow ends with a fault.\n"
        "Example: sluice run flows/github-to-your-app/integration.yaml issueToTicket \\\n"
        "  --input event.json --mock replies.yaml\n"
        "         sluice run integration.yaml importFile --input event.json --mock replies.yaml "
        "\\\n"
        "  --plugins connectors --file orders=may.csv\n"
        "         sluice run --plain document.yaml --input input.json --trace trace.json");
    command.callback([options, &code] { code = run(*options); });
}

}  // namespace sluice::cli
