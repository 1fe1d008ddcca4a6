#include "engine/delivery.hpp"

#include <utility>

#include "engine/scope.hpp"
#include "json/text.hpp"
#include "manifest/callback_flow.hpp"

namespace sluice::engine {
namespace {

json::value result_of(const bound_flow& flow, store::event_id id, const end_of_execution& end) {
    json::value out = json::value::object(
        {{"execution", base::execution_id_text(id)}, {"flow", flow.flow->name}});
    if (end.how == end_of_execution::kind::succeeded) {
        out.set("state", "succeeded");
        out.set("output", end.output);
    } else if (end.how == end_of_execution::kind::failed) {
        out.set("state", "failed");
        out.set("error", end.error.to_json());
    } else {
        out.set("state", "cancelled");
    }
    return out;
}

}  // namespace

std::shared_ptr<const delivery> delivery_of(const bound_flow& flow, store::event_id id,
                                            std::int64_t accepted_ms, const json::value& payload,
                                            const end_of_execution& end, base::clock& clock,
                                            base::id_generator& ids) {
    if (!flow.flow->callback) return nullptr;
    scope variables(flow, id, payload, accepted_ms);
    expression::budget limits;
    limits.clock = &clock;
    limits.time_ms = 100;
    const base::result<json::value> url =
        flow.flow->callback->url.evaluate(payload, variables.bindings(), limits);
    if (url && (url->is_null() || *url == json::value(""))) return nullptr;

    auto made = std::make_shared<delivery>();
    made->payload = json::value::object();
    if (url) {
        made->payload.set("url", *url);
    } else {
        // It fails, and is seen, as a delivery: the execution itself did what it should.
        made->payload.set("fault",
                          fault_of_expression(url.error_value(), "/callback/url").to_json());
    }
    made->payload.set("result", result_of(flow, id, end));
    made->event.id = ids.next();
    made->event.instance = flow.instance;
    made->event.flow = manifest::callback_flow_name(flow.flow->name);
    made->event.flow_version = flow.integration->hash;
    made->event.kind = "callback";
    made->event.payload_json = json::to_text(made->payload);
    made->event.accepted_ms = clock.unix_ms();
    made->event.parent = id;
    return made;
}

}  // namespace sluice::engine
