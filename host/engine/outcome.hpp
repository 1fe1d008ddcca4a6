// How a task or a list of tasks ended.
#pragma once

#include <memory>

#include "engine/fault.hpp"
#include "json/value.hpp"
#include "manifest/task.hpp"

namespace sluice::engine {

struct outcome {
    enum class kind { completed, end_flow, faulted };
    kind how = kind::completed;
    json::value output;
    std::shared_ptr<const fault> error;  // faulted; else null: an outcome stands in every frame
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
    result.error = std::make_shared<const fault>(std::move(error));
    return result;
}

}  // namespace sluice::engine
