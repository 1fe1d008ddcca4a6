// Runs one test of an integration, with fake time and without anything real.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "cli/test_file.hpp"
#include "manifest/integration.hpp"

namespace sluice::cli {

struct test_result {
    std::vector<std::string> failures;         // lines; empty: it passed
    json::value steps = json::value::array();  // what ran, for a failed test
};

test_result run_flow_test(const flow_test& test,
                          std::shared_ptr<const manifest::integration> integration);

}  // namespace sluice::cli
