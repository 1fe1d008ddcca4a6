// The walk through a list of tasks, and what all tasks have in common.
#include "engine/walk.hpp"

#include <algorithm>
#include <utility>

#include "base/clock.hpp"
#include "engine/deadline_guard.hpp"
#include "engine/execution.hpp"
#include "engine/hide_secrets.hpp"
#include "json/schema.hpp"
#include "manifest/duration.hpp"

namespace sluice::engine {

walk::walk(execution& run, scope variables, std::int64_t now_ms)
    : run_(run), host_(run.host()), scope_(std::move(variables)), last_step_ms_(now_ms) {}

walk::walk(const walk& parent)
    : run_(parent.run_),
      host_(parent.host_),
      scope_(parent.scope_),
      prefix_(parent.prefix_),
      attempt_(parent.attempt_),
      deadline_(parent.deadline_),
      went_on_(parent.went_on_),
      last_step_ms_(parent.last_step_ms_),
      cancelled_(parent.cancelled_) {}

void walk::cancel() {
    if (std::exchange(cancelled_, true)) return;
    if (running_call_ != 0) host_.calls.cancel(running_call_);
    if (cancel_request_) cancel_request_();
    if (end_pause_) end_pause_(woken::stopped);
    for (walk* branch : branches_)
        branch->cancel();
}

bool walk::stopping() const { return cancelled_ || run_.stopping(); }

std::int64_t walk::earliest(const deadline* innermost) {
    std::int64_t found = 0;
    for (const deadline* one = innermost; one != nullptr; one = one->outer) {
        if (found == 0 || one->at_ms < found) found = one->at_ms;
    }
    return found;
}

bool walk::past_deadline() const { return deadline_ != nullptr && now_ms() >= deadline_ms(); }

void walk::go_on_after_resumption() {
    const std::int64_t resumed_ms = run_.resumed_ms();
    if (resumed_ms == 0 || std::exchange(went_on_, true)) return;
    for (deadline* one = deadline_; one != nullptr; one = one->outer) {
        if (one->allowed_ms == 0) continue;
        one->at_ms = std::max(one->at_ms, resumed_ms + one->allowed_ms);
    }
    last_step_ms_ = std::max(last_step_ms_, resumed_ms);
}

namespace {

outcome too_much(const manifest::task& task, const char* title, std::string what, std::size_t limit,
                 const char* of_what) {
    what += std::to_string(limit);
    what += of_what;
    return faulted_with(fault{manifest::standard_error_type("runtime"), 500, title, std::move(what),
                              task.reference});
}

}  // namespace

// What stands in a coroutine's frame is there as long as the execution waits for others, and
// 100,000 of them may wait at once: whatever is only needed in between is in functions of its own.
base::task<outcome> walk::run_list(const manifest::task_list& list, json::value input) {
    std::size_t index = 0;
    while (index < list.size()) {
        const manifest::task& task = list[index];
        if (++tasks_in_a_row_ >= host_.limits.tasks_in_a_row ||
            run_.records().pending_bytes() >= host_.limits.records_in_a_row) {
            co_await breathe();
        }
        if (run_.records().total_bytes() > host_.limits.largest_journal) {
            co_return too_much(task, "Too much data",
                               "the steps of the execution have put out more than ",
                               host_.limits.largest_journal, " bytes");
        }
        outcome result = co_await run_task(task, std::move(input));
        if (!result.completed()) co_return result;
        input = std::move(result.output);
        const manifest::directive& then = result.then != nullptr ? *result.then : task.then;
        switch (then.action) {
            case manifest::directive::kind::next:
                ++index;
                break;
            case manifest::directive::kind::jump:
                if (then.target <= index && ++run_.jumps() > host_.limits.max_jumps) {
                    co_return too_much(task, "Too many jumps", "the execution jumped back ",
                                       static_cast<std::size_t>(host_.limits.max_jumps),
                                       " times without coming to an end");
                }
                index = then.target;
                break;
            case manifest::directive::kind::exit:
                index = list.size();
                break;
            case manifest::directive::kind::end:
                result.output = std::move(input);
                result.how = outcome::kind::end_flow;
                result.then = nullptr;
                co_return result;
        }
    }
    co_return completed_with(std::move(input));
}

base::task<> walk::breathe() {
    tasks_in_a_row_ = 0;
    if (run_.brings_event()) {
        base::callback_awaiter<int> turn(
            [this](auto done) { host_.loop.post([done = std::move(done)] { done(0); }); });
        static_cast<void>(co_await turn);
        co_return;
    }
    using answer = base::result<store::commit_outcome>;
    base::callback_awaiter<answer> durable(
        [this](auto done) { run_.records().commit(std::move(done)); });
    const answer outcome = co_await durable;
    static_cast<void>(outcome);  // a loss is told to the execution
}

// Whether the task's body is to run, on `input`; else `result` is what came of the task.
bool walk::begin_task(const manifest::task& task, const json::value& raw_input, json::value& input,
                      outcome& result) {
    std::optional<fault> refused = check_schema(task.input_schema, raw_input, "input", task);
    input = raw_input;
    if (refused) {
        result = faulted_with(std::move(*refused));
    } else if (task.input_from) {
        base::result<json::value> shaped = evaluate(*task.input_from, input);
        if (shaped) {
            input = std::move(*shaped);
        } else {
            result = expression_fault(shaped.error_value(), task);
        }
    }
    return result.completed();
}

// Whether the task is left out; `result` is what comes of it then.
bool walk::skips_task(const manifest::task& task, json::value& raw_input, outcome& result) {
    if (!task.condition) return false;
    base::result<bool> holds = evaluate_condition(*task.condition, raw_input);
    if (holds && *holds) return false;
    if (holds) {
        // A skipped task passes its input on; its `then` does not count.
        static const manifest::directive go_on;
        result = completed_with(std::move(raw_input));
        result.then = &go_on;
    } else {
        result = expression_fault(holds.error_value(), task);
    }
    return true;
}

// The time allowed for a task; nothing when it has no limit of its own, or, with `result` a fault,
// when that cannot be told.
std::optional<std::int64_t> walk::time_allowed(const manifest::task& task, const json::value& input,
                                               outcome& result) {
    if (!task.timeout) return std::nullopt;
    base::result<std::int64_t> limit = evaluate_duration(*task.timeout, input);
    if (limit) return *limit;
    result = expression_fault(limit.error_value(), task);
    return std::nullopt;
}

void walk::trace_task(task_trace trace, json::value input, const outcome& result) {
    trace.ended_ms = host_.clock.unix_ms();
    trace.input = std::move(input);
    trace.output = result.output;
    trace.error = result.error.get();
    host_.on_task(trace);
}

base::task<outcome> walk::run_task(const manifest::task& task, json::value raw_input) {
    if (stopping()) co_return faulted_with(stopping_fault());
    std::unique_ptr<task_trace> trace;
    if (host_.on_task) {
        trace = std::make_unique<task_trace>();
        trace->task = &task;
        trace->number = run_.next_trace();
        trace->started_ms = host_.clock.unix_ms();
    }
    const std::int64_t started_ms = now_ms();
    scope_.set_task(task, raw_input, started_ms);
    outcome result;
    if (skips_task(task, raw_input, result)) co_return result;
    json::value input;
    if (begin_task(task, raw_input, input, result)) {
        scope_.set_input(input);
        const std::optional<std::int64_t> limit = time_allowed(task, input, result);
        if (result.completed()) {
            const deadline_guard guard(*this, limit, now_ms());
            scope_.set_authorization({});
            if (!is_late(task, result)) result = co_await run_body(task, input);
            // Whatever failed inside because of this deadline: the timeout is this task's.
            if (result.faulted() && !result.error->cancelled && guard.broken()) {
                result = timeout_fault(task);
            }
        }
    }
    if (result.completed()) {
        // Inner tasks have set these for themselves.
        const bool sends = std::holds_alternative<manifest::http_task>(task.body) ||
                           std::holds_alternative<manifest::openapi_task>(task.body);
        if (!sends) scope_.set_authorization({});
        scope_.set_task(task, std::move(raw_input), started_ms);
        scope_.set_raw_output(result.output);
        scope_.set_input(input);
        result = shape_output(task, std::move(result));
    }
    if (trace) trace_task(std::move(*trace), std::move(input), result);
    co_return result;
}

outcome walk::shape_output(const manifest::task& task, outcome result) {
    if (task.output_as) {
        base::result<json::value> shaped = evaluate(*task.output_as, result.output);
        if (!shaped) return expression_fault(shaped.error_value(), task);
        result.output = hide_secrets(*run_.start().flow, std::move(*shaped));
    }
    if (auto refused = check_schema(task.output_schema, result.output, "output", task)) {
        return faulted_with(std::move(*refused));
    }
    scope_.set_output(result.output);
    if (task.export_as) {
        base::result<json::value> context = evaluate(*task.export_as, result.output);
        if (!context) return expression_fault(context.error_value(), task);
        if (auto refused = check_schema(task.export_schema, *context, "exported context", task)) {
            return faulted_with(std::move(*refused));
        }
        scope_.set_context(hide_secrets(*run_.start().flow, std::move(*context)));
    }
    scope_.set_step(task.name, result.output);
    return result;
}

base::task<outcome> walk::run_body(const manifest::task& task, const json::value& input) {
    const auto& body = task.body;
    if (const auto* it = std::get_if<manifest::call_task>(&body)) return run_call(task, *it, input);
    if (const auto* it = std::get_if<manifest::try_task>(&body)) return run_try(task, *it, input);
    if (const auto* it = std::get_if<manifest::do_task>(&body)) return run_list(it->tasks, input);
    if (const auto* it = std::get_if<manifest::for_task>(&body)) return run_for(task, *it, input);
    if (const auto* it = std::get_if<manifest::fork_task>(&body)) return run_fork(task, *it, input);
    if (const auto* it = std::get_if<manifest::http_task>(&body)) return run_http(task, *it, input);
    if (const auto* it = std::get_if<manifest::wait_task>(&body)) return run_wait(task, *it, input);
    if (const auto* it = std::get_if<manifest::emit_task>(&body)) return run_emit(task, *it, input);
    if (const auto* it = std::get_if<manifest::openapi_task>(&body)) {
        return run_openapi(task, *it, input);
    }
    if (const auto* it = std::get_if<manifest::function_task>(&body)) {
        return run_function(task, *it, input);
    }
    if (const auto* it = std::get_if<manifest::listen_task>(&body)) {
        return run_listen(task, *it, input);
    }
    if (const auto* it = std::get_if<manifest::run_task>(&body)) {
        return run_workflow(task, *it, input);
    }
    return run_at_once(task, input);
}

base::task<outcome> walk::run_at_once(const manifest::task& task, const json::value& input) {
    if (const auto* it = std::get_if<manifest::set_task>(&task.body)) {
        co_return run_set(task, *it, input);
    }
    if (const auto* it = std::get_if<manifest::switch_task>(&task.body)) {
        co_return run_switch(task, *it, input);
    }
    co_return run_raise(task, std::get<manifest::raise_task>(task.body), input);
}

base::task<outcome> walk::run_function(const manifest::task& task,
                                       const manifest::function_task& body,
                                       const json::value& input) {
    base::result<json::value> arguments = evaluate(body.with, input);
    if (!arguments) co_return expression_fault(arguments.error_value(), task);
    // The records of a function belong to the call: branches may call it at the same time.
    std::string outer = std::exchange(prefix_, path_of(task) + '>');
    // Named: GCC 12 destroys a conditional temporary of such a call twice.
    json::value handed = input;
    if (!arguments->is_null()) handed = std::move(*arguments);
    outcome result = co_await run_task(*body.body, std::move(handed));
    prefix_ = std::move(outer);
    result.then = nullptr;  // the function's `then` is not the caller's
    co_return result;
}

base::result<json::value> walk::evaluate(const manifest::template_value& code,
                                         const json::value& input) {
    expression::budget limits;
    limits.clock = &step_clock_;
    limits.time_ms = 1'000;
    return code.evaluate(input, scope_.bindings(), limits);
}

base::result<bool> walk::evaluate_condition(const manifest::template_value& code,
                                            const json::value& input) {
    base::result<json::value> answer = evaluate(code, input);
    if (!answer) return std::move(answer).error_value();
    return expression::is_true(*answer);
}

base::result<std::int64_t> walk::evaluate_duration(const manifest::duration_template& code,
                                                   const json::value& input) {
    base::result<json::value> length = evaluate(code.content, input);
    if (!length) return std::move(length).error_value();
    return manifest::parse_duration(*length);
}

outcome walk::expression_fault(const base::error& failure, const manifest::task& task) const {
    return faulted_with(fault_of_expression(failure, task.reference));
}

outcome walk::timeout_fault(const manifest::task& task) const {
    return faulted_with(
        fault{manifest::standard_error_type("timeout"), 408, "Timed out",
              "the time allowed was over before the task \"" + task.name + "\" had ended",
              task.reference});
}

std::optional<fault> walk::check_schema(const std::shared_ptr<const json::schema>& schema,
                                        const json::value& content, const char* what,
                                        const manifest::task& task) const {
    if (!schema) return std::nullopt;
    return fault_of_schema(*schema, content, what, task.reference);
}

std::int64_t walk::until_deadline(std::int64_t due_ms) {
    go_on_after_resumption();
    const std::int64_t latest = deadline_ms();
    if (latest == 0) return due_ms;
    return due_ms == 0 ? latest : std::min(due_ms, latest);
}

base::task<walk::woken> walk::pause(std::int64_t due_ms,
                                    std::function<void(std::function<void()>)> subscribe) {
    if (stopping()) co_return woken::stopped;
    // One for the wait itself and one for the permit after it: who wakes the first one late does
    // not touch the second.
    struct wait {
        std::function<void(woken)> resume;
        base::event_loop::timer_id timer = 0;
        bool over = false;
    };
    const auto finish_of = [&loop = host_.loop](const std::shared_ptr<wait>& state) {
        return [&loop, state](woken why) {
            if (std::exchange(state->over, true)) return;
            if (state->timer != 0 && why != woken::due) loop.cancel(state->timer);
            // Never inline: whoever calls may be destroyed by what follows.
            loop.post([resume = std::move(state->resume), why] { resume(why); });
        };
    };
    // What may be called at any time is to be asked for again at once after a restart.
    const std::int64_t parked_ms = subscribe ? 0 : due_ms;
    const auto first = std::make_shared<wait>();
    base::callback_awaiter<woken> asleep([&](auto done) {
        const auto finish = finish_of(first);
        first->resume = std::move(done);
        end_pause_ = finish;
        run_.go_idle(parked_ms);
        if (due_ms != 0) {
            first->timer =
                host_.loop.run_after(std::max<std::int64_t>(0, due_ms - host_.clock.unix_ms()),
                                     [finish] { finish(woken::due); });
        }
        if (subscribe) subscribe([finish] { finish(woken::called); });
    });
    woken why = co_await asleep;
    const auto second = std::make_shared<wait>();
    base::callback_awaiter<woken> permit([&](auto done) {
        const auto finish = finish_of(second);
        second->resume = std::move(done);
        end_pause_ = finish;
        const bool at_once = run_.come_back(parked_ms, [this, second, finish] {
            if (second->over) return;  // cancelled meanwhile
            run_.come_back_without_permit();
            finish(woken::called);
        });
        if (at_once) finish(woken::called);
    });
    if (co_await permit == woken::stopped) {
        run_.come_back_without_permit();
        why = woken::stopped;
    }
    end_pause_ = {};
    co_return stopping() ? woken::stopped : why;
}

}  // namespace sluice::engine
