#include "verified.hpp"

#include <sluice/webhook_signature.hpp>
#include <string>
#include <utility>

#include "address.hpp"
#include "text.hpp"

namespace sluice::http {
namespace {

constexpr std::size_t most_events = 1'000;  // the host's

json event_of(const json& item, const json& split) {
    json made{{"body", item}};
    for (const char* key : {"dedupe", "key"}) {
        if (split[key].is_null()) continue;
        const json& found = at_path(item, required_string(split, key));
        if (!found.is_null()) made.set(key, plain_text(found, "what stands for 'split'"));
    }
    return made;
}

json events_of(const json& input) {
    const json& split = required_object(input, "split");
    json body;
    try {
        body = json::parse(raw_webhook_body(input["request"]));
    } catch (const json_error&) {
        throw failure(SLUICE_INVALID_INPUT, "the body is no JSON");
    }
    const json& list = at_path(body, split.get_or("list", ""));
    json made = json::array();
    if (list.is_object()) return made.push(event_of(list, split));
    if (!list.is_array()) {
        throw failure(SLUICE_INVALID_INPUT, "there is no list where 'split.list' says");
    }
    if (list.size() > most_events) {
        throw failure(SLUICE_INVALID_INPUT, "the body has more than 1000 events");
    }
    for (const json& item : list.items())
        made.push(event_of(item, split));
    return made;
}

}  // namespace

json verified(const json& input) {
    json made{{"verified", true}};
    if (!input["split"].is_null()) made.set("events", events_of(input));
    if (!input["acknowledge"].is_null()) {
        made.set("acknowledge", required_object(input, "acknowledge"));
    }
    return made;
}

}  // namespace sluice::http
