// How a task or a list of tasks ended.
#pragma once

#include "engine/fault.hpp"
#include "json/value.hpp"
#include "manifest/task.hpp"

namespace sluice::engine {

struct outcome {
    enum class kind { completed, end_flow, faulted };
    kind how = kind::completed;
    json::value output;
    fault error;
    // What follows instead of the task's own `then`; null: nothing was said.
    const manifest::directive* then = nullptr;

    bool completed() const { return how == kind::completed; }
    bool faulted() const { return how == kind::faulted; }
};

inline outcome completed_with(json::value output) {
    outcome result;
    result.output = std::move(output);
    return result;
}

inline outcome faulted_with(fault error) {
    outcome result;
    result.how = outcome::kind::faulted;
    result.error = std::move(error);
    return result;
}

}  // namespace sluice::engine
