// POST /hooks/<token>: from a request to a durable event, or to several that it holds.
//
// Order of things: size and time limits (the server), the token and the limits of its address, the
// instance's key where one is wanted, the choice of an instance or a flow where one address serves
// several, the sender's signature over the raw bytes, parsing, deduplication, the store; the sender
// gets its 2xx when the event is on disk. A request that is refused has written nothing. GET is let
// through to verifiers that answer it themselves (`handshake`).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/ids.hpp"
#include "base/task.hpp"
#include "engine/engine.hpp"
#include "instance/deployments.hpp"
#include "instance/endpoint_keys.hpp"
#include "net/http_types.hpp"
#include "store/store.hpp"
#include "trigger/callers.hpp"
#include "trigger/endpoint_limits.hpp"
#include "trigger/event_of.hpp"
#include "trigger/scarce_log.hpp"
#include "trigger/upload.hpp"
#include "trigger/verification.hpp"
#include "trigger/verifier_reply.hpp"

namespace sluice::trigger {

struct webhook_options {
    std::int64_t verify_ms = 10'000;        // for the connector's signature check
    std::int64_t result_ms = 10'000;        // synchronous flows without `respond.within`
    std::int64_t preprocess_ms = 5'000;     // to choose a flow; then 503
    std::size_t largest_backlog = 100'000;  // accepted events waiting to start; beyond: 429
    endpoint_rules endpoint;                // of each address
};

// Everything here outlives the trigger.
struct webhook_ports {
    base::event_loop& loop;
    base::clock& clock;
    base::id_generator& ids;
    store::store& store;
    instance::deployments& deployments;
    engine::call_port& calls;
    engine::engine& engine;
    connector_lookup describe;
    std::function<std::string(store::event_id)> address_of;  // see runs_address
    uploads* files = nullptr;  // null: `body: blob` is answered 501, files are no responses
    const instance::endpoint_keys* keys = nullptr;  // null: no instance has any
};

// Loop thread.
class webhook {
  public:
    webhook(webhook_ports ports, webhook_options options);

    // What can be refused without reading the body: unknown tokens, other methods, overload. The
    // server asks before it calls on_request.
    std::optional<net::http_response> on_head(const net::http_request_head& head) const;
    // Where the server puts the body: to disk for `body: blob`. Asked after on_head.
    net::body_destination destination(const net::http_request_head& head) const;
    void on_request(net::http_request request, net::responder answer);
    // To be called for each end of an execution: answers synchronous callers.
    void on_end(store::event_id id, const engine::end_of_execution& end) {
        callers_.on_end(id, end);
    }
    // Whether a synchronous caller still waits for it.
    bool is_awaited(store::event_id id) const { return callers_.is_awaited(id); }
    // No execution ends any more in this process: synchronous callers get 202 with the address of
    // theirs, those who wait now and those who still come.
    void answer_callers() { callers_.answer_all(); }
    // Requests at shared addresses that were nobody's.
    std::uint64_t unrouted() const { return unrouted_; }

  private:
    using flow_ptr = std::shared_ptr<const engine::bound_flow>;
    using refusal = std::optional<net::http_response>;
    using appended = base::result<std::vector<store::append_outcome>>;

    // What one request brings.
    struct received {
        flow_ptr flow;
        std::vector<incoming> events;
        std::optional<net::http_response> acknowledge;  // see verifier_reply
    };

    base::task<> handle(net::http_request request, net::responder answer);
    bool takes_get(const instance::endpoint& address) const;
    // Whether the request has the key that `flow` wants; the address is known to be right.
    refusal check_key(const net::http_request_head& head, const engine::bound_flow& flow) const;
    // The same at a shared address, before anybody knows whose the request is.
    refusal check_key_of_any(const net::http_request_head& head,
                             const instance::endpoint& address) const;
    // The instance's flow that the payload of a request at a shared address names.
    refusal route(const net::http_request& request, const instance::endpoint& address,
                  incoming& event);
    base::task<refusal> verify(const net::http_request& request, flow_ptr flow, std::string token,
                               verifier_reply& said);
    std::optional<net::http_response> over_limit(const std::string& token) const;
    // Puts the flow that the preprocess flow `event.flow` chooses in its place.
    base::task<refusal> dispatch(const net::http_request& request, incoming& event);
    base::task<engine::end_of_execution> preprocess(flow_ptr flow, json::value payload);
    flow_ptr flow_at(std::string_view path) const;
    // The payload of a request that goes straight to its flow.
    refusal read_payload(const net::http_request& request, incoming& event,
                         const verifier_reply& said) const;
    // Whether bodies that are forms become objects in a flow.
    static bool takes_forms(const engine::bound_flow& flow);
    // `forms`: whether a body that is a form becomes an object.
    static refusal parse(const net::http_request& request, incoming& event, bool forms);
    base::task<> take(received all, net::responder answer);
    base::task<refusal> prepare(const received& all, std::vector<store::new_event>& made);
    base::task<net::http_response> run_each(received& all, std::int64_t within_ms);
    base::task<appended> store_events(const std::vector<store::new_event>& events);
    // The answer to a request for which the preprocess flow has found no flow.
    net::http_response no_choice(const engine::bound_flow& chooser, std::string why,
                                 net::http_response answer);
    void log_refusal(const engine::bound_flow& flow, const base::error& why);

    webhook_ports ports_;
    webhook_options options_;
    endpoint_limits limits_;
    scarce_log refusals_;
    scarce_log unchosen_;
    scarce_log nobodys_;
    mutable scarce_log keyless_;
    std::uint64_t unrouted_ = 0;
    callers callers_;
};

}  // namespace sluice::trigger
