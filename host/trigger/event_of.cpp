#include "trigger/event_of.hpp"

#include <utility>

#include "json/text.hpp"

namespace sluice::trigger {
namespace {

base::result<std::string> text_of(const std::optional<manifest::template_value>& code,
                                  const incoming& from, base::clock& clock) {
    if (!code) return std::string();
    const std::vector<expression::binding> variables = {{"config", from.flow->config},
                                                        {"instance", from.flow->instance_info},
                                                        {"trigger", from.payload}};
    expression::budget limits;
    limits.clock = &clock;
    limits.time_ms = 100;
    base::result<json::value> content = code->evaluate(from.payload, variables, limits);
    if (!content) return std::move(content).error_value();
    if (content->is_null()) return std::string();
    return content->is_string() ? content->as_string() : json::to_text(*content);
}

}  // namespace

void take_payload(incoming& into, json::value payload) {
    const json::value* body = payload.find("body");
    into.content = body != nullptr ? *body : payload.get("bodyBase64");
    into.payload = std::move(payload);
}

store::new_event event_without_rules(const incoming& from, base::clock& clock,
                                     base::id_generator& ids) {
    store::new_event event;
    event.id = from.body ? from.body->event() : ids.next();
    event.instance = from.flow->instance;
    event.flow = from.flow->flow->name;
    event.flow_version = from.flow->integration->hash;
    event.kind = from.kind;
    event.payload_json = json::to_text(from.payload);
    event.accepted_ms = clock.unix_ms();
    return event;
}

base::result<store::new_event> event_of(const incoming& from, base::clock& clock,
                                        base::id_generator& ids) {
    const manifest::queue_rules& rules = from.flow->flow->queue;
    base::result<std::string> lane =
        from.key ? base::result<std::string>(*from.key) : text_of(rules.key, from, clock);
    if (!lane) return std::move(lane).error_value();
    base::result<std::string> dedupe = text_of(rules.dedupe, from, clock);
    if (!dedupe) return std::move(dedupe).error_value();
    store::new_event event = event_without_rules(from, clock, ids);
    event.lane_key = std::move(*lane);
    event.dedupe_key = std::move(*dedupe);
    if (!event.dedupe_key.empty()) {
        event.dedupe_content = from.body ? from.body->content() : json::to_text(from.content);
    }
    return event;
}

}  // namespace sluice::trigger
