// From a verified request, or what else brings an event, to the event that is stored.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "engine/bound_flow.hpp"
#include "store/types.hpp"
#include "trigger/upload.hpp"
#include "trigger/verifier_reply.hpp"

namespace sluice::trigger {

// A request on its way to a flow.
struct incoming {
    std::shared_ptr<const engine::bound_flow> flow;
    json::value payload;             // $trigger of the flow
    std::optional<std::string> key;  // replaces queue.key: the preprocess flow has given one
    // As the verifier says; they count where the flow's queue does not say its own.
    std::optional<std::string> verified_key;
    std::optional<std::string> verified_dedupe;
    // What makes two deliveries with one dedupe key the same; headers differ between deliveries of
    // one event: proxies add theirs, senders sign anew.
    json::value content;
    std::shared_ptr<upload> body;  // `body: blob`: what came to disk; else null
    std::string kind = "webhook";  // of trigger, for the record
};

// A form of payload.hpp whose headers and query hold no secret of the flow's instance: what a
// sender proves itself with may stand in any of them. `flow` may be null: then nothing is known of
// secrets.
json::value without_proofs(const engine::bound_flow* flow, json::value form);

// The request's own payload and content; see payload_form().
void take_payload(incoming& into, json::value payload);

// One for each event that the verifier of `whole` has found in the request.
std::vector<incoming> parts_of(const net::http_request& request, const incoming& whole,
                               std::vector<verified_event> events);

// Without key and dedupe.
store::new_event event_without_rules(const incoming& from, base::clock& clock,
                                     base::id_generator& ids);
// With them: the queue's rules are evaluated on the payload.
base::result<store::new_event> event_of(const incoming& from, base::clock& clock,
                                        base::id_generator& ids);

}  // namespace sluice::trigger
