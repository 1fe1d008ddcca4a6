// run: workflow: another flow as a step of this one.
#include <utility>

#include "base/ids.hpp"
#include "engine/execution.hpp"
#include "json/text.hpp"

namespace sluice::engine {

base::task<outcome> walk::run_workflow(const manifest::task& task, const manifest::run_task& body,
                                       const json::value& input) {
    store::step_record step = begin_step(task, "run");
    const std::string key = next_key(step);
    if (const store::step_record* before = replay(step)) {
        outcome recorded = replayed_outcome(*before);
        if (recorded.completed() && !body.await) recorded.output = input;
        co_return recorded;
    }
    json::value handed = input;
    if (body.input) {
        base::result<json::value> shaped = evaluate(*body.input, input);
        if (!shaped) {
            co_return end_step(std::move(step), expression_fault(shaped.error_value(), task));
        }
        handed = std::move(*shaped);
    }
    json::append_text(step.input_json,
                      json::value::object({{"flow", body.flow}, {"input", handed}}));
    const base::result<store::event_id> child = co_await start_child(body.flow, handed, key);
    if (!child) {
        if (stopping()) co_return faulted_with(stopping_fault());
        co_return end_step(std::move(step),
                           faulted_with(fault_of_call(child.error_value(), 0, task.reference)));
    }
    if (!body.await) {
        outcome started = end_step(
            std::move(step),
            completed_with(json::value::object({{"execution", base::execution_id_text(*child)}})));
        started.output = input;
        co_return started;
    }
    run_.records().flush();
    // The child may end after this run of the task, which then has no use for it.
    const auto told = std::make_shared<end_of_execution>();
    const woken why = co_await pause(until_deadline(0), [&](std::function<void()> wake) {
        host_.children->await_end(*child, [told, wake = std::move(wake)](end_of_execution its) {
            *told = std::move(its);
            wake();
        });
    });
    end_of_execution end = std::move(*told);
    if (why != woken::called || end.how == end_of_execution::kind::abandoned) {
        // Cancelled, or out of time: nobody waits for the child any more. When the host only
        // stops, the child is parked like this execution.
        if (!run_.stopping() || run_.cancelling()) host_.children->cancel(*child);
        if (stopping() || why == woken::called) co_return faulted_with(stopping_fault());
        co_return timeout_fault(task);
    }
    if (end.how == end_of_execution::kind::succeeded) {
        co_return end_step(std::move(step), completed_with(std::move(end.output)));
    }
    fault failed = std::move(end.error);
    if (end.how == end_of_execution::kind::cancelled) {
        failed.type = manifest::standard_error_type("runtime");
        failed.title = "Cancelled";
        failed.detail = "the flow \"" + body.flow + "\" was cancelled";
    }
    failed.instance = task.reference;
    co_return end_step(std::move(step), faulted_with(std::move(failed)));
}

base::task<base::result<store::event_id>> walk::start_child(std::string flow, json::value input,
                                                            std::string key, std::string lane_key) {
    using started = base::result<store::event_id>;
    if (host_.children == nullptr) {
        co_return base::make_error(base::error_code::unsupported,
                                   "this run cannot start other flows");
    }
    base::callback_awaiter<started> begun([&](auto done) {
        child_port::request request;
        request.parent = &run_.start();
        request.flow = std::move(flow);
        request.input = std::move(input);
        request.lane_key = std::move(lane_key);
        request.key = std::move(key);
        host_.children->start(std::move(request), std::move(done));
    });
    co_return co_await begun;
}

}  // namespace sluice::engine
