// What a test tries with each action, in turns: when its time is over, every action has had its
// first cases, and what was left out is told.
#pragma once

#include <cstddef>
#include <functional>

#include "report.hpp"
#include "stopwatch.hpp"
#include "subject.hpp"

namespace sluice::checking {

// An example of an action and one of its connections; `k` counts all pairs, each way at once.
struct combination {
    combination(const checked_action& action, std::size_t k)
        : example(k % action.inputs.size()),
          input(action.inputs[example]),
          connection(action.connections[k / action.inputs.size() % action.connections.size()]) {}
    static std::size_t count(const checked_action& action) {
        return action.inputs.size() * action.connections.size();
    }

    std::size_t example;
    const json& input;
    const json& connection;
};

// Calls run(action, k) for each k below count(action).
void in_turns(const subject& checked, report& out,
              const std::function<std::size_t(const checked_action&)>& count,
              const std::function<void(const checked_action&, std::size_t k)>& run);

}  // namespace sluice::checking
