// `sluice connector check FILE`: everything that can be known about a connector without its third
// party. Tests of the file itself run here; each test that runs the connector does so in a child
// process, where a crash or a hang is a finding of that test (docs/connector-check.md).
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"

namespace sluice::plugin {

struct check_finding {
    bool failure = false;  // false: a warning
    std::string message;
    std::string next_step;
    std::string doing;  // what ran at that moment, with its input; empty: nothing did
};

struct check_test {
    std::string name;
    std::string saw;  // what was tried: "212 calls"
    std::vector<check_finding> findings;
    std::int64_t took_ms = 0;

    bool failed() const;
};

struct full_check_options {
    // The program to start again, and the argument under which it runs one test.
    std::filesystem::path self;
    std::string child_argument;
    std::vector<std::string_view> child_tests;  // their names
    std::vector<std::string> only;              // names of tests; empty: all
    std::vector<std::string> off;               // names of tests that do not run
    std::uint64_t seed = 1;
    std::int64_t timeout_ms = 60'000;    // for one test
    std::optional<std::uint64_t> round;  // the only one that `fuzz` runs
    unsigned at_once = 1;                // children that run at the same time
    std::filesystem::path folder;        // an empty folder of our own
};

// In the order in which people should read them. A file that cannot be loaded gets no tests that
// need it loaded, and the test that found that is among the results whatever was asked for. Blocks.
std::vector<check_test> check_fully(const std::filesystem::path& file, base::clock& time,
                                    const full_check_options& options);

// What a child gets behind the connector's file (sluice/check_child.hpp).
std::vector<std::string> child_arguments(const full_check_options& options, std::string_view test);

// What a test that has run with these options has found.
check_test read_check_test(const full_check_options& options, std::string_view name);

// Names of the tests that need no child.
std::vector<std::string_view> file_test_names();

// ---- Inside the module only ---------------------------------------------------------------------

// "descriptor", "symbols", "scan-time"
check_test check_descriptor(const std::filesystem::path& file);
check_test check_symbols(const std::filesystem::path& file);
check_test check_scan_time(const std::filesystem::path& file, base::clock& time);

// `names` in children; results in the same order.
std::vector<check_test> run_child_tests(const std::filesystem::path& file, base::clock& time,
                                        const full_check_options& options,
                                        const std::vector<std::string_view>& names);

}  // namespace sluice::plugin
