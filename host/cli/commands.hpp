// The commands of the `sluice` program. Each function adds one to the command line; when it is
// chosen, its callback runs the command and leaves the exit code in `code`.
#pragma once

namespace CLI {
class App;
}

namespace sluice::cli {

void add_serve_command(CLI::App& app, int& code);
void add_connector_commands(CLI::App& app, int& code);
void add_config_commands(CLI::App& app, int& code);
void add_check_command(CLI::App& app, int& code);
void add_run_command(CLI::App& app, int& code);
void add_test_command(CLI::App& app, int& code);
void add_eval_command(CLI::App& app, int& code);
void add_execution_commands(CLI::App& app, int& code);
void add_apply_commands(CLI::App& app, int& code);
void add_dead_commands(CLI::App& app, int& code);
void add_operator_commands(CLI::App& app, int& code);
void add_alert_commands(CLI::App& app, int& code);
void add_backup_commands(CLI::App& app, int& code);
void add_token_commands(CLI::App& app, int& code);
void add_key_commands(CLI::App& app, int& code);
void add_endpoint_commands(CLI::App& app, int& code);
void add_connection_commands(CLI::App& app, int& code);
void add_customer_commands(CLI::App& app, int& code);
void add_instance_commands(CLI::App& app, int& code);
void add_export_command(CLI::App& app, int& code);
void add_new_command(CLI::App& app, int& code);

// Parses and runs a command line; the exit code. No exception leaves it.
int run_command_line(int argc, const char* const* argv);

}  // namespace sluice::cli
