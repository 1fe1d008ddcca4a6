// wait: until a time that does not move when the process restarts.
#include <utility>

#include "engine/execution.hpp"
#include "json/text.hpp"

namespace sluice::engine {

base::task<outcome> walk::run_wait(const manifest::task& task, const manifest::wait_task& body,
                                   const json::value& input) {
    store::step_record step = begin_step(task, "wait");
    std::int64_t due = 0;
    if (const store::step_record* before = replay(step)) {
        const outcome recorded = replayed_outcome(*before);
        if (recorded.faulted()) co_return recorded;
        if (recorded.output.is_null()) co_return completed_with(input);
        // It had begun: the time it waits for stands fixed.
        due = recorded.output.int_or("until", 0);
        step.started_ms = before->started_ms;
    } else {
        base::result<std::int64_t> length = evaluate_duration(body.length, input);
        if (!length) {
            co_return end_step(std::move(step), expression_fault(length.error_value(), task));
        }
        // From the end of the last step.
        step.started_ms = now_ms();
        due = now_ms() + *length;
        if (due <= host_.clock.unix_ms()) {
            end_step(std::move(step), completed_with(json::value()));
            co_return completed_with(input);
        }
        record_waiting(step, json::value::object({{"until", due}}));
    }
    if (due > host_.clock.unix_ms()) {
        const woken why = co_await pause(until_deadline(due), {});
        if (why == woken::stopped) co_return faulted_with(stopping_fault());
        if (host_.clock.unix_ms() < due && late_now()) {
            outcome late = timeout_fault(task);
            record_end(std::move(step), late);
            co_return late;
        }
    }
    record_end(std::move(step), completed_with(json::value()));
    co_return completed_with(input);
}

}  // namespace sluice::engine
