#include "api/execution_json.hpp"

#include <string_view>
#include <utility>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "json/text.hpp"

namespace sluice::api {
namespace {

json::value time_or_null(std::int64_t unix_ms) {
    return unix_ms == 0 ? json::value() : json::value(base::to_rfc3339(unix_ms));
}

json::value step_json(const store::step_record& step) {
    return json::value::object({{"name", step.name},
                                {"kind", step.kind},
                                {"reference", step.path},
                                {"run", step.item},
                                {"attempt", step.attempt},
                                {"started", base::to_rfc3339(step.started_ms)},
                                {"ended", base::to_rfc3339(step.ended_ms)},
                                {"ok", step.ok},
                                {"connector", step.connector},
                                {"input", json_or_text(step.input_json)},
                                {"output", json_or_text(step.output_json)},
                                {"error", json_or_text(step.error_json)}});
}

}  // namespace

json::value json_or_text(const std::string& text) {
    if (text.empty()) return {};
    auto content = json::parse(text);
    return content ? std::move(*content) : json::value(text);
}

json::value summary_json(const store::execution_summary& one) {
    const auto id_or_null = [](store::event_id id) {
        return id == 0 ? json::value() : json::value(base::execution_id_text(id));
    };
    return json::value::object({{"id", base::execution_id_text(one.id)},
                                {"instance", one.instance},
                                {"flow", one.flow},
                                {"flowVersion", one.flow_version},
                                {"trigger", one.kind},
                                {"parent", id_or_null(one.parent)},
                                {"state", store::to_string(one.state)},
                                {"accepted", base::to_rfc3339(one.accepted_ms)},
                                {"ended", time_or_null(one.ended_ms)},
                                {"due", time_or_null(one.due_ms)},
                                {"steps", one.step_count},
                                {"error", json_or_text(one.error_json)}});
}

json::value detail_json(const store::execution_detail& one) {
    json::value out = summary_json(one.summary);
    out.set("record", keeps_bodies(one) ? "full" : "metadata");
    out.set("payload", json_or_text(one.payload_json));
    out.set("output", json_or_text(one.output_json));
    json::value steps = json::value::array();
    for (const store::step_record& step : one.steps)
        steps.push(step_json(step));
    out.set("steps", std::move(steps));
    json::value attempts = json::value::array();
    for (const store::attempt_record& attempt : one.attempts) {
        json::value earlier = json::value::array();
        for (const store::step_record& step : attempt.steps)
            earlier.push(step_json(step));
        attempts.push(json::value::object({{"state", store::to_string(attempt.state)},
                                           {"ended", base::to_rfc3339(attempt.ended_ms)},
                                           {"resumed", base::to_rfc3339(attempt.resumed_ms)},
                                           {"flowVersion", attempt.flow_version},
                                           {"error", json_or_text(attempt.error_json)},
                                           {"steps", std::move(earlier)}}));
    }
    out.set("attempts", std::move(attempts));
    return out;
}

bool keeps_bodies(const store::execution_detail& one) { return !one.payload_json.empty(); }

}  // namespace sluice::api
