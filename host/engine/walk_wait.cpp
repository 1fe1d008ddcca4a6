// wait: until a time that does not move when the process restarts.
#include <utility>

#include "engine/execution.hpp"

namespace sluice::engine {

base::task<outcome> walk::run_wait(const manifest::task& task, const manifest::wait_task& body,
                                   const json::value& input) {
    store::step_record step = begin_step(task, "wait");
    if (const store::step_record* before = replay(step)) {
        if (!before->ok) co_return replayed_outcome(*before);
        co_return completed_with(input);
    }
    base::result<std::int64_t> length = evaluate_duration(body.length, input);
    if (!length) {
        co_return end_step(std::move(step), expression_fault(length.error_value(), task));
    }
    // From the end of the last step, which is known again after a restart.
    const std::int64_t due = now_ms() + *length;
    step.started_ms = now_ms();
    if (due > host_.clock.unix_ms()) {
        run_.records().flush();
        const woken why = co_await pause(until_deadline(due), {});
        if (why == woken::stopped) co_return faulted_with(stopping_fault());
        if (host_.clock.unix_ms() < due && past_deadline()) co_return timeout_fault(task);
    }
    outcome waited = end_step(std::move(step), completed_with(json::value()));
    waited.output = input;
    co_return waited;
}

}  // namespace sluice::engine
