// What is kept of an execution that is over, so that it goes on from the step that failed.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.hpp"
#include "engine/bound_flow.hpp"
#include "store/types.hpp"

namespace sluice::engine {

struct resume_plan {
    store::reopen_op change;
    // Executions whose output it waits for: those that are over without success have to go on, too.
    std::vector<store::event_id> awaited;
};

// The plan for `ended`, which is over and did not succeed. `before`: its flow in the version that
// it ran with; `after`: in the one that it is to go on with (may be the same).
//
// Kept are all records but those of the step that failed and of what only computes right before it
// (`set`, `switch`): that computes again, so that a corrected value of the configuration counts.
// Where a handler raised an error of its own, the step is the one that the handler had caught.
//
// conflict: nothing is kept that it could go on from, or, in another version, a step that was
// recorded is defined differently; the message names it.
base::result<resume_plan> plan_resume(const store::execution_detail& ended,
                                      const bound_flow& before, const bound_flow& after,
                                      std::int64_t now_ms);

}  // namespace sluice::engine
