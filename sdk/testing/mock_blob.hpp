#pragma once

#include <cstdint>
#include <string>

#include "sluice/abi.h"

namespace sluice::testing {

class mock_core;

struct mock_blob {
    explicit mock_blob(mock_core& owner) : core(owner) {}

    mock_core& core;
    std::string id;
    std::string content_type;
    std::string bytes;
    bool sealed = false;
    bool writing = false;
    int references = 0;        // of the connector
    std::uint64_t holder = 0;  // the call that got the last one

    static mock_blob& from(sluice_blob* handle) { return *reinterpret_cast<mock_blob*>(handle); }
    sluice_blob* handle() { return reinterpret_cast<sluice_blob*>(this); }
};

}  // namespace sluice::testing
