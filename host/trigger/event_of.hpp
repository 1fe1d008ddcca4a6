// From a verified request, or what else brings an event, to the event that is stored.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "engine/bound_flow.hpp"
#include "store/types.hpp"
#include "trigger/upload.hpp"

namespace sluice::trigger {

// A request on its way to a flow.
struct incoming {
    std::shared_ptr<const engine::bound_flow> flow;
    json::value payload;             // $trigger of the flow
    std::optional<std::string> key;  // replaces queue.key: the preprocess flow has given one
    // What makes two deliveries with one dedupe key the same; headers differ between deliveries of
    // one event: proxies add theirs, senders sign anew.
    json::value content;
    std::shared_ptr<upload> body;  // `body: blob`: what came to disk; else null
    std::string kind = "webhook";  // of trigger, for the record
};

// The request's own payload and content; see payload_form().
void take_payload(incoming& into, json::value payload);

// Without key and dedupe.
store::new_event event_without_rules(const incoming& from, base::clock& clock,
                                     base::id_generator& ids);
// Evaluates the queue's key and dedupe on the payload.
base::result<store::new_event> event_of(const incoming& from, base::clock& clock,
                                        base::id_generator& ids);

}  // namespace sluice::trigger
