// run: workflow: another flow as a step of this one.
#include <utility>

#include "base/ids.hpp"
#include "engine/execution.hpp"
#include "json/text.hpp"

namespace sluice::engine {

base::task<outcome> walk::run_workflow(const manifest::task& task, const manifest::run_task& body,
                                       const json::value& input) {
    store::step_record step = begin_step(task, "run");
    next_key(step);
    if (const store::step_record* before = replay(step)) {
        outcome recorded = replayed_outcome(*before);
        if (recorded.faulted()) co_return recorded;
        if (!body.await) co_return completed_with(input);
        const json::value* const child = recorded.output.find("execution");
        if (child == nullptr) co_return completed_with(recorded.output.get("output"));
        step.started_ms = before->started_ms;
        step.input_json = before->input_json;
        const auto id = base::parse_execution_id(child->as_string());
        co_return co_await await_child(task, body, std::move(step), id.value_or(0));
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
    child_port::request wanted;
    wanted.flow = body.flow;
    wanted.input = std::move(handed);
    wanted.awaited = body.await;
    child_port::noted note = [&](store::event_id id) {
        json::value started = json::value::object({{"execution", base::execution_id_text(id)}});
        if (body.await) {
            record_waiting(step, started);
        } else {
            end_step(step, completed_with(std::move(started)));
        }
    };
    const base::result<store::event_id> child =
        co_await start_child(std::move(wanted), std::move(note));
    if (!child) {
        if (stopping()) co_return faulted_with(stopping_fault());
        co_return end_step(std::move(step),
                           faulted_with(fault_of_call(child.error_value(), 0, task.reference)));
    }
    if (!body.await) co_return completed_with(input);
    co_return co_await await_child(task, body, std::move(step), *child);
}

base::task<outcome> walk::await_child(const manifest::task& task, const manifest::run_task& body,
                                      store::step_record step, store::event_id child) {
    // What a failed step says beside its error: resuming it resumes the child.
    json::append_text(step.output_json,
                      json::value::object({{"execution", base::execution_id_text(child)}}));
    // Shared: the child may end when nobody waits for it any more.
    const auto end = std::make_shared<end_of_execution>();
    const woken why = co_await pause(until_deadline(0), [&](std::function<void()> wake) {
        host_.children->await_end(child, [end, wake = std::move(wake)](end_of_execution its) {
            *end = std::move(its);
            wake();
        });
    });
    if (why != woken::called || end->how == end_of_execution::kind::abandoned) {
        // Cancelled, or out of time: nobody waits for the child any more. When the host only
        // stops, the child is parked like this execution.
        const bool parked = run_.stopping() && !run_.cancelling();
        if (!parked) {
            host_.children->cancel(child);
            forget_output(body, child);
        }
        if (stopping() || why == woken::called) co_return faulted_with(stopping_fault());
        outcome late = timeout_fault(task);
        record_end(std::move(step), late);
        co_return late;
    }
    if (end->how == end_of_execution::kind::succeeded) {
        outcome result = completed_with(std::move(end->output));
        step.output_json.clear();
        record_end(std::move(step),
                   completed_with(json::value::object({{"output", result.output}})));
        forget_output(body, child);
        co_return result;
    }
    fault failed = std::move(end->error);
    if (end->how == end_of_execution::kind::cancelled) {
        failed.type = manifest::standard_error_type("runtime");
        failed.title = "Cancelled";
        failed.detail = "the flow \"" + body.flow + "\" was cancelled";
    }
    failed.instance = task.reference;
    outcome result = faulted_with(std::move(failed));
    record_end(std::move(step), result);
    co_return result;
}

// A child that keeps nothing but metadata has kept its output for this step.
void walk::forget_output(const manifest::run_task& body, store::event_id child) {
    const manifest::flow* const its = run_.start().flow->integration->find_flow(body.flow);
    if (its == nullptr || its->record != manifest::flow::record_kind::metadata) return;
    run_.records().add(store::take_output_op{child});
}

base::task<base::result<store::event_id>> walk::start_child(child_port::request what,
                                                            child_port::noted note) {
    using started = base::result<store::event_id>;
    if (host_.children == nullptr) {
        co_return base::make_error(base::error_code::unsupported,
                                   "this run cannot start other flows");
    }
    base::callback_awaiter<started> begun([&](auto done) {
        what.parent = &run_.start();
        host_.children->start(std::move(what), run_.records(), note, std::move(done));
    });
    started child = co_await begun;
    // Whoever cancelled this execution meanwhile did not know of the child.
    if (child && run_.cancelling()) host_.children->cancel(*child);
    co_return child;
}

}  // namespace sluice::engine
