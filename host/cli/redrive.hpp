// Many executions replayed or resumed by a running host.
#pragma once

#include <string>

#include "cli/admin_client.hpp"
#include "cli/execution_filter.hpp"

namespace sluice::cli {

struct redrive_options {
    std::string action = "replay";
    std::string version = "same";
    int limit = 100;
    std::string rate = "10/s";
    bool dry_run = false;
};

// --limit, --rate, --dry-run.
void add_redrive_options(CLI::App& command, redrive_options& options);

// Asks the host to do it and reports until it is done; the exit code: 1 when some were refused.
int redrive(const admin_settings& admin, const execution_filter& filter,
            const redrive_options& options);

}  // namespace sluice::cli
