#include "trigger/event_of.hpp"

#include <utility>

#include "engine/hide_secrets.hpp"
#include "json/text.hpp"
#include "trigger/payload.hpp"

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

base::result<std::string> lane_of(const incoming& from, base::clock& clock) {
    const std::optional<manifest::template_value>& rule = from.flow->flow->queue.key;
    if (from.key) return *from.key;
    return rule ? text_of(rule, from, clock) : from.verified_key.value_or("");
}

}  // namespace

json::value without_proofs(const engine::bound_flow* flow, json::value form) {
    if (flow == nullptr) return form;
    for (const char* part : {"headers", "query"})
        form.set(part, engine::hide_secrets(*flow, form.get(part)));
    return form;
}

void take_payload(incoming& into, json::value payload) {
    const json::value* body = payload.find("body");
    into.content = body != nullptr ? *body : payload.get("bodyBase64");
    into.payload = without_proofs(into.flow.get(), std::move(payload));
}

std::vector<incoming> parts_of(const net::http_request& request, const incoming& whole,
                               std::vector<verified_event> events) {
    const json::value form =
        without_proofs(whole.flow.get(), form_with_body(request, json::value()));
    std::vector<incoming> made;
    for (verified_event& each : events) {
        incoming one;
        one.flow = whole.flow;
        one.key = whole.key;
        one.verified_key = std::move(each.key);
        one.verified_dedupe = std::move(each.dedupe);
        one.payload = form;
        one.payload.set("body", each.body);
        one.content = std::move(each.body);
        made.push_back(std::move(one));
    }
    return made;
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
    const std::optional<manifest::template_value>& rule = from.flow->flow->queue.dedupe;
    base::result<std::string> lane = lane_of(from, clock);
    if (!lane) return std::move(lane).error_value();
    base::result<std::string> dedupe =
        rule ? text_of(rule, from, clock) : base::result(from.verified_dedupe.value_or(""));
    if (!dedupe) return std::move(dedupe).error_value();
    store::new_event event = event_without_rules(from, clock, ids);
    event.lane_key = std::move(*lane);
    event.dedupe_key = std::move(*dedupe);
    if (event.dedupe_key.empty()) return event;
    if (!rule) {
        // The verifier knows what of an event changes from delivery to delivery.
        event.dedupe_content = event.dedupe_key;
    } else {
        event.dedupe_content = from.body ? from.body->content() : json::to_text(from.content);
    }
    return event;
}

}  // namespace sluice::trigger
