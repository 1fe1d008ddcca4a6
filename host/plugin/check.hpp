// `sluice connector check FILE`: would this host take that file, and if not, why.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace sluice::plugin {

struct check_item {
    std::string name;  // "descriptor", "exports", "load", "open", ...
    bool passed = false;
    std::string detail;  // why not, or what was seen
};

struct check_report {
    bool accepted = false;
    std::string reason;             // one sentence; empty when accepted
    std::string next_step;          // empty when accepted
    std::vector<check_item> items;  // in order; those after a failure that stops are left out
};

// Hidden command-line argument under which `self` must call run_check_child(FILE).
inline constexpr const char* check_child_argument = "--check-connector-child";

// Reads the file, then loads, opens and closes it in a child process (`self` started with
// check_child_argument and the file), so that a crash or a hang is a finding. Blocks.
check_report check_connector(const std::filesystem::path& file, const std::filesystem::path& self,
                             std::int64_t timeout_ms = 10'000);

// The end of what a child wrote to standard error, as an end of a sentence about it; empty when it
// wrote nothing.
std::string it_wrote(const std::string& text);

// The child's part: prints what it found for its parent; returns the exit code.
int run_check_child(const std::filesystem::path& file);

}  // namespace sluice::plugin
