// What tells of an end, and was stored with it.
#include <utility>

#include "engine/delivery.hpp"
#include "engine/engine.hpp"
#include "json/text.hpp"

namespace sluice::engine {

void engine::accept_what_follows(const end_of_execution& end) {
    if (end.follows) accept(end.follows->event, end.follows->event.id, end.follows->payload);
    for (const auto& alert : end.alerts) {
        if (!alert->message) continue;
        base::result<json::value> payload = json::parse(alert->message->payload_json);
        if (payload) accept(*alert->message, alert->message->id, std::move(*payload));
    }
}

}  // namespace sluice::engine
