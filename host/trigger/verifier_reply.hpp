// What a verifier says about a request that is genuine (docs/manifest.md, "What a verifier may
// say"). Replies come from connectors: read, bounded, not trusted to be of the right form.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "json/value.hpp"
#include "net/http_types.hpp"

namespace sluice::trigger {

// One of the events that a request holds.
struct verified_event {
    json::value body;
    // Count where the flow's queue does not say its own.
    std::optional<std::string> dedupe;
    std::optional<std::string> key;
};

struct verifier_reply {
    std::optional<net::http_response> respond;  // at once; nothing starts and nothing is kept
    // In place of the one request; none: the request is the event.
    std::optional<std::vector<verified_event>> events;
    // In place of the host's own words, once the events are on disk.
    std::optional<net::http_response> acknowledge;
};

// From the output of a verifier that has not refused. An error is the connector's fault.
base::result<verifier_reply> read_verifier_reply(const json::value& output);

}  // namespace sluice::trigger
