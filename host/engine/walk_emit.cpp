// emit: an event for the flows of the same instance.
#include <utility>

#include "base/clock.hpp"
#include "engine/execution.hpp"
#include "engine/signals.hpp"
#include "json/text.hpp"

namespace sluice::engine {

base::task<outcome> walk::run_emit(const manifest::task& task, const manifest::emit_task& body,
                                   const json::value& input) {
    store::step_record step = begin_step(task, "emit");
    const std::string key = next_key(step);
    if (const store::step_record* before = replay(step)) co_return replayed_outcome(*before);
    base::result<json::value> event = evaluate(body.with, input);
    if (!event) co_return end_step(std::move(step), expression_fault(event.error_value(), task));
    const bound_flow& flow = *run_.start().flow;
    json::value filled =
        json::value::object({{"specversion", "1.0"},
                             {"id", key},
                             {"time", base::to_rfc3339(now_ms())},
                             {"source", "sluice:" + flow.integration->id + '/' + flow.flow->name}});
    if (event->is_object()) {
        for (const auto& [name, content] : event->members())
            filled.set(name, content);
    }
    if (!filled.get("type").is_string() || filled.get("type").as_string().empty()) {
        co_return end_step(
            std::move(step),
            expression_fault(base::make_error(base::error_code::invalid_input,
                                              "an event needs a `type` that is text"),
                             task));
    }
    outcome result = end_step(std::move(step), completed_with(std::move(filled)));
    if (host_.signals != nullptr) {
        // In the same transaction as the step: emitted exactly when the step is recorded.
        host_.signals->emit(run_.start(), result.output, run_.records());
    }
    run_.records().flush_soon();
    co_return result;
}

}  // namespace sluice::engine
