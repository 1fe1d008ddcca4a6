// The part of `sluice connector check` that runs the connector: one test in a process of its own,
// on the mock host. Names no types of the SDK, so that the host may include it.
#pragma once

#include <string_view>
#include <vector>

namespace sluice::checking {

// Command-line argument under which a program must call run_test() with the arguments behind it.
inline constexpr const char* child_argument = "--check-connector-test";

// Names of the tests, in the order in which people should read them.
std::vector<std::string_view> test_names();

// arguments: LIBRARY FOLDER TEST SEED BUDGET_MS ROUND. A test that has tried things for BUDGET_MS
// leaves the rest out and says so; ROUND is the only round that `fuzz` runs, or empty. FOLDER holds
// `descriptor.json`; `TEST.findings` (one JSON object a line, the last one of the kind `end`) and
// `TEST.doing` (what runs at the moment) are written there. Returns the exit code: 0 when the test
// came to its end, whatever it found.
int run_test(int count, const char* const* arguments);

}  // namespace sluice::checking
