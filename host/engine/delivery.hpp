// The event that carries the result of an execution to the address its flow's `callback` names.
#pragma once

#include <memory>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "engine/surroundings.hpp"

namespace sluice::engine {

struct delivery {
    store::new_event event;  // of the flow that delivers
    json::value payload;     // {url, result}; {fault, result} when the address cannot be known
};

// Null when the flow has no callback, or nobody is to be called. `payload` is the execution's.
// Store the event in the transaction of the end, so that neither is there without the other.
std::shared_ptr<const delivery> delivery_of(const bound_flow& flow, store::event_id id,
                                            std::int64_t accepted_ms, const json::value& payload,
                                            const end_of_execution& end, base::clock& clock,
                                            base::id_generator& ids);

}  // namespace sluice::engine
