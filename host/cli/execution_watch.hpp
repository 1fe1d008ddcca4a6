// Following what happens in a running host: it is asked once a second, from a cursor on.
#pragma once

#include <string>

#include "cli/admin_client.hpp"

namespace sluice::cli {

// Prints each step as it is recorded, until the end; the exit code says whether it succeeded.
int watch_execution(const admin_settings& admin, const std::string& id);
// Prints each execution that begins or changes its state from now on; until interrupted.
int watch_instance(const admin_settings& admin, const std::string& instance);

// Kept lines of an execution.
int print_execution_logs(const admin_settings& admin, const std::string& id, bool json);

struct log_filter {
    std::string instance, flow, execution, level;
};
// The host's last lines; `follow`: and those that come, until interrupted.
int print_logs(const admin_settings& admin, const log_filter& filter, bool follow, bool json);

}  // namespace sluice::cli
