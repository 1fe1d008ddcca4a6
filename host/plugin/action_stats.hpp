// The counters behind counters.hpp: one per action, counted from any thread.
#pragma once

#include <atomic>
#include <string>

#include "plugin/counters.hpp"

namespace sluice::plugin {

struct action_stats {
    action_stats(std::string connector_name, std::string action_id)
        : connector(std::move(connector_name)), action(std::move(action_id)) {}

    const std::string connector;  // "github 0.1.0"
    const std::string action;
    std::atomic<std::uint64_t> calls{0}, completions{0}, failures{0}, late{0}, second{0},
        missing{0}, bad_json{0}, exceptions{0};

    action_counters read() const {
        return {connector, action, calls,   completions, failures,
                late,      second, missing, bad_json,    exceptions};
    }
};

}  // namespace sluice::plugin
