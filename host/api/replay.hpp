// POST /executions/{id}/replay: the same event once more, from the start.
#pragma once

#include "api/call.hpp"
#include "api/ports.hpp"

namespace sluice::api {

// A new event with the payload, instance and flow of one that has ended, for the newest version of
// the flow. It joins its lane at the end and is not looked up among duplicates. 202 with its id;
// 409 when it cannot be repeated. Loop thread.
// Gives the event of an execution that is over to its flow once more. `told` runs later or at once,
// on the loop: the new event, or why there is none. The ports outlive it. Loop thread.
void replay_execution(const api_ports& ports, const store::execution_detail& first,
                      std::function<void(base::result<store::new_event>)> told);

void replay(const api_ports& ports, const call& what, const answer_function& answer);

}  // namespace sluice::api
