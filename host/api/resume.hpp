// Goes on with an execution from the step that failed.
#pragma once

#include "api/call.hpp"
#include "api/ports.hpp"

namespace sluice::api {

enum class resume_version { same, newest };

// Resumes `ended` and the executions whose output it waits for. `told` runs later, once, on the
// loop: what became ready again, the execution itself first, or why nothing did. The ports outlive
// it. Loop thread.
void resume_execution(const api_ports& ports, std::shared_ptr<const store::execution_detail> ended,
                      resume_version version,
                      std::function<void(base::result<std::vector<store::event_id>>)> told);

// POST /executions/{id}/resume, with {"version": "same" | "newest"} or nothing. 409: it succeeded,
// is not over, or cannot go on from what is recorded.
void resume(const api_ports& ports, const call& what, const answer_function& answer);

}  // namespace sluice::api
