// A document of the Open Workflow Specification, run without our envelope.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace sluice::cli {

struct plain_options {
    std::filesystem::path document;
    std::filesystem::path input;  // empty: null
    std::filesystem::path trace;  // empty: none is written
    std::vector<std::string> rewrites;
    std::vector<std::string> allow_egress;
    std::vector<std::string> secrets;  // "NAME=@FILE"
    std::string ca_file;
};

// Prints the output as JSON (exit code 0), or the error object as JSON on standard error (1).
int run_plain(const plain_options& options);

}  // namespace sluice::cli
