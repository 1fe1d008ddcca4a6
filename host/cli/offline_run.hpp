// One flow without a host: no store, replies from a mock file or from real connectors.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sluice::cli {

struct offline_options {
    std::filesystem::path manifest;
    std::string flow;
    std::filesystem::path input;
    std::filesystem::path instance;  // empty: none
    std::filesystem::path mocks;     // empty: none
    std::filesystem::path plugins;   // empty: none
    std::vector<std::string> files;  // NAME=PATH
    std::vector<std::string> allow_egress;
    bool json = false;
};

// Prints each step as it ends, then the outcome; the exit code.
int run_offline(const offline_options& options);

}  // namespace sluice::cli
