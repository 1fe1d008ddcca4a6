#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sluice/abi.h"
#include "sluice/json.hpp"

namespace sluice::testing {

struct log_line {
    std::uint32_t level = SLUICE_LOG_INFO;
    std::string message;
    json fields;
};

struct reported_error {
    sluice_code code = SLUICE_OK;
    std::string message;
    std::uint32_t retry_after_ms = 0;
    std::uint32_t http_status = 0;
    json details;
};

// How a call ended, as the host sees it.
struct call_result {
    // The action completed with a result and kept to the rules of the ABI.
    bool ok = false;
    json output;
    reported_error error;
    // Broken rules: it never completed, completed twice, did not release a blob, sent a request
    // that no rule answers, ...
    std::vector<std::string> problems;
    std::vector<log_line> log;
    // Host operations (requests, timers, state, blobs, work) that the action started.
    unsigned operations = 0;
    // The longest that the strand stood still inside the connector: real time in which it waited
    // for something (a lock, a socket, a sleep) instead of computing.
    std::uint64_t strand_waited_ms = 0;

    // For messages of failed expectations: EXPECT_TRUE(result.ok) << result.explain();
    std::string explain() const;
};

}  // namespace sluice::testing
