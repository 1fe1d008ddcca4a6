// sluice eval 'PROGRAM': an expression on JSON documents, one result per line.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/file.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "cli/output.hpp"
#include "expression/expression.hpp"
#include "json/documents.hpp"
#include "json/text.hpp"

namespace sluice::cli {
namespace {

// jq's own exit codes, as people have scripts around them.
constexpr int exit_runtime_error = 5;
constexpr int exit_compile_error = 3;

struct eval_options {
    std::string program;
    std::filesystem::path input;
    std::vector<std::string> arguments;
    bool compact = false;
    bool raw = false;
    bool no_input = false;
};

std::string read_standard_input() {
    std::string text;
    char part[1 << 16];
    while (const std::size_t size = std::fread(part, 1, sizeof part, stdin))
        text.append(part, size);
    return text;
}

// NAME=JSON
base::result<expression::binding> read_argument(const std::string& word) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0) {
        return base::make_error(base::error_code::invalid_input,
                                "--arg \"" + word + "\" is not NAME=JSON",
                                "text needs its quotes: --arg 'name=\"Ada\"'");
    }
    base::result<json::value> content = json::parse(std::string_view(word).substr(equals + 1));
    if (!content) {
        base::error failure = std::move(content.error_value());
        failure.message = "--arg " + word.substr(0, equals) + ": " + failure.message;
        return failure;
    }
    return expression::binding(word.substr(0, equals), std::move(*content));
}

void print_result(const eval_options& options, const json::value& result) {
    std::string line;
    if (options.raw && result.is_string()) {
        line = result.as_string();
    } else {
        line = options.compact ? json::to_text(result) : json::to_pretty_text(result);
    }
    print(line + '\n');
}

class evaluation {
  public:
    evaluation(const eval_options& options, const expression::program& code,
               expression::bindings variables)
        : options_(options), code_(code), variables_(variables) {}

    // One document; a failure does not keep the next ones from their turn.
    void run(const json::value& input) {
        const auto show = [this](json::value&& result) {
            print_result(options_, result);
            return true;
        };
        expression::budget limits;
        limits.clock = &clock_;
        limits.debug = [](const json::value& content) {
            const json::value line = json::value::array({"DEBUG:", content});
            std::fprintf(stderr, "%s\n", json::to_text(line).c_str());
        };
        const base::result<void> done =
            expression::evaluate_each(code_, input, show, variables_, limits);
        if (!done) fail(done.error_value());
    }
    void fail(const base::error& failure) {
        std::fflush(stdout);
        print_error(failure);
        code_of_exit_ = exit_runtime_error;
    }
    int exit_code() const { return code_of_exit_; }

  private:
    const eval_options& options_;
    const expression::program& code_;
    expression::bindings variables_;
    base::system_clock clock_;
    int code_of_exit_ = exit_ok;
};

int eval(const eval_options& options) {
    std::vector<expression::binding> variables;
    std::vector<std::string> names;
    for (const std::string& word : options.arguments) {
        base::result<expression::binding> made = read_argument(word);
        if (!made) return print_error(made.error_value()), exit_usage;
        names.push_back(made->first);
        variables.push_back(std::move(*made));
    }
    const auto code = expression::compile(options.program, names);
    if (!code) return print_error(code.error_value()), exit_compile_error;
    evaluation all(options, **code, variables);
    if (options.no_input) {
        all.run({});
        return all.exit_code();
    }
    std::string text;
    if (options.input.empty()) {
        text = read_standard_input();
    } else {
        base::result<std::string> content = base::read_file(options.input);
        if (!content) return print_error(content.error_value()), exit_usage;
        text = std::move(*content);
    }
    json::document_reader documents(text);
    while (!documents.at_end()) {
        const base::result<json::value> input = documents.next();
        if (!input) {
            all.fail(input.error_value());
            return exit_usage;
        }
        all.run(*input);
    }
    return all.exit_code();
}

}  // namespace

void add_eval_command(CLI::App& app, int& code) {
    auto options = std::make_shared<eval_options>();
    CLI::App& command = *app.add_subcommand(
        "eval", "Evaluate an expression (the jq of manifests) on JSON documents");
    command.add_option("PROGRAM", options->program, "The expression, without ${ }")->required();
    command.add_option("--input", options->input,
                       "File of JSON documents, one run for each; without it standard input");
    command.add_option("--arg", options->arguments, "NAME=JSON: the variable $NAME")
        ->type_name("NAME=JSON")
        ->take_all()
        ->allow_extra_args(false);
    command.add_flag("--compact", options->compact, "Each result on one line");
    command.add_flag("--raw", options->raw, "Print text without quotes and escapes");
    command.add_flag("--null-input", options->no_input, "One run with null, no documents");
    command.footer(
        "Prints the results in order. Exit codes: 0 done, 5 a run ended with an error, 3 the "
        "expression is wrong\n(its line is shown with a caret), 2 wrong command line or input "
        "that is no JSON.\nAn evaluation has a budget of steps, depth and bytes. An expression "
        "that "
        "begins with \"-\" stands behind --.\n"
        "Examples:\n"
        "  sluice eval '.items | map(select(.qty > $min) | {id, qty})' --input order.json \\\n"
        "    --arg min=5 --compact\n"
        "  sluice eval --null-input --raw '\"2026-11-23T10:00:00Z\" | fromdate | todate'\n"
        "  echo '{\"a\": 1} {\"a\": 2}' | sluice eval .a");
    command.callback([options, &code] { code = eval(*options); });
}

}  // namespace sluice::cli
