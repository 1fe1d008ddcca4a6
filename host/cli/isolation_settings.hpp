// Which connectors `sluice serve` runs in processes of their own.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "plugin/isolation.hpp"

namespace CLI {
class App;
}

namespace sluice::cli {

struct isolation_settings {
    std::vector<std::string> rules;  // "process", "github=none", ... (plugin::add_isolation)
    // Lists of the SHA-256 of files that run in the host's process; beside connectors.sha256 beside
    // this program, when that is there.
    std::vector<std::filesystem::path> trusted;
    std::filesystem::path runner;  // empty: sluice-runner beside this program
};

// --isolation, --trusted-connectors, --runner.
void add_isolation_options(CLI::App& command, isolation_settings& settings);

// Without a rule, connectors on the list run in this process, all others in their own. Reads files.
base::result<plugin::isolation_policy> isolation_policy_of(const isolation_settings& settings);
std::filesystem::path runner_program(const isolation_settings& settings);

}  // namespace sluice::cli
