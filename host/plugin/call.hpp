// What goes into and comes out of one run of a connector's action.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.hpp"
#include "json/value.hpp"
#include "store/types.hpp"

namespace sluice::plugin {

// For whom an action runs: names its log lines, its blobs and its durable state.
struct call_scope {
    std::string instance;
    std::string flow;
    store::event_id execution = 0;
    // Where sluice.state/1 writes; from the lease of the execution's owner.
    store::partition_id partition = 0;
    store::epoch_number epoch = 0;
};

struct call_request {
    std::string action;           // id without the connector's name
    std::string input_json;       // a JSON object
    std::string connection_json;  // {"type": ..., fields, secrets included}; empty: none
    std::string idempotency_key;
    std::uint32_t attempt = 1;
    std::int64_t deadline_unix_ms = 0;  // 0: none
    call_scope scope;
};

struct call_outcome {
    // JSON text as the connector wrote it, or why there is none.
    base::result<std::string> output_json = std::string();
    json::value output;   // the same, parsed; null on failure
    int http_status = 0;  // of the third party's answer when the connector failed; 0: none
};

// Runs on the event loop, exactly once, never from inside start().
using call_done = std::function<void(call_outcome)>;

// Names a running call; a value, valid for ever, of no use after the call's end.
enum class call_handle : std::uint64_t { none = 0 };

}  // namespace sluice::plugin
