// What happened in connectors, counted by connector and action, including what must not happen.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sluice::plugin {

struct action_counters {
    std::string connector;  // "github 0.1.0"; "" for completions whose call nobody knows
    std::string action;
    std::uint64_t calls = 0;
    std::uint64_t completions = 0;  // in time, good or bad
    std::uint64_t failures = 0;     // completions through fail(), or with a text that is not JSON
    std::uint64_t late = 0;         // completed after the host had given up
    std::uint64_t second = 0;       // completed again
    std::uint64_t missing = 0;      // the host gave up; falls by one when a late completion comes
    std::uint64_t bad_json = 0;     // completed with a text that is not JSON
    std::uint64_t exceptions = 0;   // C++ exceptions that left the connector
};

}  // namespace sluice::plugin
