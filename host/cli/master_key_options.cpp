#include "cli/master_key_options.hpp"

#include <CLI/CLI.hpp>

namespace sluice::cli {

void add_master_key_options(CLI::App& command, instance::master_key_source& into) {
    CLI::Option& file = *command.add_option(
        "--master-key-file", into.file,
        "Key that seals what the store keeps of instances; made at the first start (default: "
        "master.key in the data folder)");
    CLI::Option& variable = *command.add_option("--master-key-env", into.variable,
                                                "The environment variable that holds it");
    command
        .add_option_function<std::string>(
            "--master-key-command",
            [&into](const std::string& text) {
                into.command = {"/bin/sh", "-c", text};
            },
            "A command for the shell that prints it")
        ->type_name("TEXT")
        ->excludes(&file)
        ->excludes(&variable);
    variable.excludes(&file);
}

bool is_given(const instance::master_key_source& key) {
    return !key.file.empty() || !key.variable.empty() || !key.command.empty();
}

}  // namespace sluice::cli
