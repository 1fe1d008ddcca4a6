// What tells of an end, and was stored with it.
#include <utility>

#include "engine/delivery.hpp"
#include "engine/engine.hpp"
#include "json/text.hpp"

namespace sluice::engine {

void engine::accept_what_follows(const end_of_execution& end) {
    if (end.follows) accept(end.follows->event, end.follows->event.id, end.follows->payload);
    for (const alert_under_way& alert : end.alerts) {
        surroundings_.alerts.kept(alert);
        const std::optional<store::new_event>& message = alert.outcome->message;
        if (!message) continue;
        base::result<json::value> payload = json::parse(message->payload_json);
        if (payload) accept(*message, message->id, std::move(*payload));
    }
}

}  // namespace sluice::engine
