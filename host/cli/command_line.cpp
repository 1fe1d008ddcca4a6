#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <string_view>

#include "base/version.hpp"
#include "cli/commands.hpp"
#include "cli/exit_code.hpp"
#include "plugin/check.hpp"
#include "sluice/check_child.hpp"

namespace sluice::cli {

int run_command_line(int argc, const char* const* argv) {
    // The checker starts this program again, so that a connector that crashes is a finding.
    if (argc == 3 && std::string_view(argv[1]) == plugin::check_child_argument) {
        return plugin::run_check_child(argv[2]);
    }
    if (argc > 2 && std::string_view(argv[1]) == checking::child_argument) {
        return checking::run_test(argc - 2, argv + 2);
    }
    int code = exit_ok;
    CLI::App app("Sluice: integrations for your customers, from files, in one binary", "sluice");
    app.require_subcommand(1);
    app.set_version_flag("--version", std::string("sluice ") + base::sluice_version);
    app.footer(
        "Exit codes: 0 done, 1 refused or failed, 2 wrong command line, 3 the machine does "
        "not let us.\nEach command has --help with an example.");
    try {
        add_serve_command(app, code);
        add_connector_commands(app, code);
        add_check_command(app, code);
        add_config_commands(app, code);
        add_run_command(app, code);
        add_test_command(app, code);
        add_eval_command(app, code);
        add_execution_commands(app, code);
        add_apply_commands(app, code);
        add_dead_commands(app, code);
        add_operator_commands(app, code);
        add_alert_commands(app, code);
        add_backup_commands(app, code);
        add_token_commands(app, code);
        add_endpoint_commands(app, code);
        add_connection_commands(app, code);
        add_customer_commands(app, code);
        add_key_commands(app, code);
        add_instance_commands(app, code);
        add_export_command(app, code);
        add_new_command(app, code);
        app.parse(argc, argv);
    } catch (const CLI::ParseError& problem) {
        return app.exit(problem) == 0 ? exit_ok : exit_usage;
    } catch (const std::exception& problem) {
        std::fprintf(stderr, "error: %s\n", problem.what());
        return exit_environment;
    }
    return code;
}

}  // namespace sluice::cli
