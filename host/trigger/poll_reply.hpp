// What one call of a `poll` or `queue` trigger has found, and where its next one begins.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "json/value.hpp"

namespace sluice::trigger {

struct poll_reply {
    std::vector<json::value> payloads;  // of the events, in order
    json::value items;                  // an array: what is acknowledged
    json::value cursor;
    bool more = false;  // there is more already
};

// From the output of a fetch flow, {items, cursor, more}. invalid_input: no list of items, files
// among them (they end with the call), or more than one transaction takes. `batch`: items of an
// event; none: an event for each.
base::result<poll_reply> read_poll_reply(const json::value& output,
                                         std::optional<std::int64_t> batch);

// Kept in the state of the flow, in one transaction with the events that were found up to it.
struct poll_position {
    json::value cursor;
    // Of what the last pages gave, with `queue.dedupe`: a source that includes the moment of its
    // cursor gives them again each time.
    std::vector<std::string> recent;

    std::string to_text() const;
    static base::result<poll_position> parse(const std::string& text);
};

// A dedupe key as it is kept there.
std::string recent_key(const std::string& dedupe_key);

// How long to wait after so many failures in a row; at least `asked_ms` (six hours count at most).
std::int64_t wait_after_failures(std::int64_t pause_ms, int failures, std::int64_t asked_ms);

}  // namespace sluice::trigger
