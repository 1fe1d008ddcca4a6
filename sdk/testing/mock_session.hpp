#pragma once

#include <cstdint>
#include <string>

#include "sluice/abi.h"

namespace sluice::testing {

// An idle session in the cache.
struct mock_session {
    std::string owner;  // instance and connection
    std::string key;
    void* session = nullptr;
    sluice_fn close = nullptr;
    std::uint64_t until_ms = 0;
};

}  // namespace sluice::testing
