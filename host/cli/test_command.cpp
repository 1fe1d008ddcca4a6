// sluice test FLOWS...: the tests that stand beside integrations.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <filesystem>
#include <memory>

#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/flow_test_run.hpp"
#include "cli/output.hpp"
#include "cli/test_file.hpp"
#include "json/text.hpp"
#include "manifest/load.hpp"

namespace sluice::cli {
namespace {

namespace fs = std::filesystem;

struct test_options {
    std::vector<fs::path> targets;
    std::string filter;
    bool json = false;
};

struct totals {
    int passed = 0;
    int failed = 0;
    json::value list = json::value::array();
};

base::error wrong(const std::string& message, std::string hint = {}) {
    return base::make_error(base::error_code::not_found, message, std::move(hint));
}

bool is_yaml(const fs::path& file) {
    return file.extension() == ".yaml" || file.extension() == ".yml" || file.extension() == ".json";
}

// The manifests that a command line argument means: itself, that of a folder, those below it.
std::vector<fs::path> manifests_of(const fs::path& target) {
    std::error_code failed;
    if (!fs::is_directory(target, failed)) return {target};
    if (fs::exists(target / "integration.yaml", failed)) return {target / "integration.yaml"};
    std::vector<fs::path> out;
    for (const fs::directory_entry& entry : fs::directory_iterator(target, failed)) {
        if (fs::exists(entry.path() / "integration.yaml", failed)) {
            out.push_back(entry.path() / "integration.yaml");
        }
    }
    std::sort(out.begin(), out.end());
    return out;
}

std::vector<fs::path> tests_of(const fs::path& manifest) {
    std::vector<fs::path> out;
    std::error_code failed;
    for (const fs::directory_entry& entry :
         fs::directory_iterator(manifest.parent_path() / "tests", failed)) {
        if (entry.is_regular_file(failed) && is_yaml(entry.path())) out.push_back(entry.path());
    }
    std::sort(out.begin(), out.end());
    return out;
}

void run_one(const test_options& options, const flow_test& test,
             const std::shared_ptr<const manifest::integration>& integration, totals& sum) {
    const test_result result = run_flow_test(test, integration);
    const bool good = result.failures.empty();
    ++(good ? sum.passed : sum.failed);
    if (options.json) {
        json::value lines = json::value::array();
        for (const std::string& one : result.failures)
            lines.push(one);
        json::value entry = json::value::object(
            {{"name", test.name}, {"flow", test.flow}, {"passed", good}, {"failures", lines}});
        if (!good) entry.set("steps", result.steps);
        sum.list.push(std::move(entry));
        return;
    }
    print((good ? "  ok    " : "  FAIL  ") + test.name + '\n');
    for (const std::string& one : result.failures)
        print("          " + one + '\n');
    if (good) return;
    print("        steps:\n");
    for (const json::value& step : result.steps.items())
        print("          " + shortened(json::to_text(step), 300) + '\n');
}

// False: the manifest or a file of tests cannot be read.
bool run_manifest(const test_options& options, const fs::path& file, totals& sum) {
    auto loaded = manifest::load_integration(file);
    for (const base::error& problem : loaded.problems)
        print_error(problem);
    if (!loaded.content) return false;
    const auto integration =
        std::make_shared<const manifest::integration>(std::move(*loaded.content));
    const std::vector<fs::path> files = tests_of(file);
    if (files.empty()) {
        print_error(wrong(file.string() + " has no tests",
                          "put files like tests/first.yaml beside it; docs/manifest.md"));
        return false;
    }
    bool readable = true;
    for (const fs::path& one : files) {
        base::result<std::vector<flow_test>> tests = read_test_file(one);
        if (!tests) {
            print_error(tests.error_value());
            readable = false;
            continue;
        }
        if (!options.json) print(one.string() + '\n');
        for (const flow_test& test : *tests) {
            if (test.name.find(options.filter) == std::string::npos) continue;
            run_one(options, test, integration, sum);
        }
    }
    return readable;
}

int run(const test_options& options) {
    totals sum;
    bool readable = true;
    for (const fs::path& target : options.targets) {
        const std::vector<fs::path> manifests = manifests_of(target);
        if (manifests.empty()) {
            print_error(wrong("there is no integration.yaml in " + target.string()));
            readable = false;
        }
        for (const fs::path& one : manifests)
            readable = run_manifest(options, one, sum) && readable;
    }
    if (readable && sum.passed + sum.failed == 0) {
        print_error(wrong("no test matches \"" + options.filter + "\""));
        readable = false;
    }
    if (options.json) {
        print_json(json::value::object(
            {{"passed", sum.passed}, {"failed", sum.failed}, {"tests", std::move(sum.list)}}));
    } else {
        print(std::to_string(sum.passed) + " passed, " + std::to_string(sum.failed) + " failed\n");
    }
    return readable && sum.failed == 0 ? exit_ok : exit_refused;
}

}  // namespace

void add_test_command(CLI::App& app, int& code) {
    auto options = std::make_shared<test_options>();
    CLI::App& command = *app.add_subcommand(
        "test", "Run the tests beside integrations: with mocks, offline, in no time");
    command
        .add_option("FLOWS", options->targets,
                    "Manifests, folders with an integration.yaml, or a folder of such folders")
        ->required();
    command.add_option("--filter", options->filter, "Only tests whose name holds this text");
    command.add_flag("--json", options->json, "Print one JSON document");
    command.footer(
        "Tests are files in the folder `tests` beside the manifest (docs/manifest.md):\n"
        "  tests:\n"
        "    - name: an opened issue becomes a ticket\n"
        "      flow: issueToTicket\n"
        "      event: { headers: { x-github-event: issues }, body: { $file: opened.json } }\n"
        "      mocks: { your-app.upsertRecords: { output: { created: 1 } } }\n"
        "      calls: [ { your-app.upsertRecords: { collection: tickets } } ]\n"
        "      outcome: { output: { created: 1 } }\n"
        "Exit code 1 when a test fails or cannot be read.\n"
        "Example: sluice test flows/github-to-your-app");
    command.callback([options, &code] { code = run(*options); });
}

}  // namespace sluice::cli
