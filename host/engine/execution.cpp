#include "engine/execution.hpp"

#include <utility>

#include "engine/deadline_guard.hpp"
#include "json/text.hpp"

namespace sluice::engine {
namespace {

template <class... Cases>
struct visitor : Cases... {
    using Cases::operator()...;
};
template <class... Cases>
visitor(Cases...) -> visitor<Cases...>;

}  // namespace

execution::execution(surroundings& host, start_of_execution start)
    : host_(host),
      start_(std::move(start)),
      scope_(*start_.flow, start_.id, start_.payload, start_.accepted_ms),
      journal_(host.store, host.loop, start_.id, start_.partition, start_.epoch,
               std::move(start_.recorded),
               [this] {
                   journal_.abandon();
                   stop();
               }),
      last_step_ms_(start_.accepted_ms) {}

execution::~execution() = default;

void execution::run(std::function<void(end_of_execution)> done) {
    done_ = std::move(done);
    root_.emplace(main());
}

void execution::stop() {
    if (std::exchange(stopped_, true)) return;
    if (running_call_ != 0) host_.calls.cancel(running_call_);
    if (running_timer_ != 0) host_.loop.cancel(std::exchange(running_timer_, 0));
    if (end_wait_) host_.loop.post([wait = end_wait_] { std::exchange(*wait, [] {})(); });
}

base::task<> execution::main() {
    const manifest::flow& flow = *start_.flow->flow;
    outcome result;
    {
        const deadline_guard guard(*this, flow.timeout_ms, start_.accepted_ms);
        json::value input = start_.payload;
        std::optional<base::error> bad_input;
        if (flow.input_from) {
            base::result<json::value> shaped = evaluate(*flow.input_from, input);
            if (shaped) {
                input = std::move(*shaped);
            } else {
                bad_input = std::move(shaped).error_value();
            }
        }
        if (bad_input) {
            result = faulted(fault_of_expression(*bad_input, "/input/from"));
        } else {
            result = co_await run_list(flow.tasks, std::move(input));
        }
    }
    if (result.how != outcome::kind::faulted && flow.output_as) {
        scope_.set_output(result.output);
        base::result<json::value> shaped = evaluate(*flow.output_as, result.output);
        if (shaped) {
            result.output = std::move(*shaped);
        } else {
            result = faulted(fault_of_expression(shaped.error_value(), "/output/as"));
        }
    }

    end_of_execution end;
    end.ended_ms = host_.clock.unix_ms();
    if (stopped_) {
        journal_.flush();
        host_.loop.post([done = std::move(done_), end] { done(end); });
        co_return;
    }
    store::finish_op finish;
    finish.ended_ms = end.ended_ms;
    if (result.how == outcome::kind::faulted) {
        end.how = end_of_execution::kind::failed;
        end.error = result.error;
        finish.state = store::event_state::failed;
        finish.error_json = json::to_text(result.error.to_json());
    } else {
        end.how = end_of_execution::kind::succeeded;
        end.output = std::move(result.output);
        finish.state = store::event_state::succeeded;
        finish.output_json = json::to_text(end.output);
    }
    // The frame ends here; what follows belongs to `done`.
    journal_.finish(std::move(finish), [done = std::move(done_), end](base::result<void> durable) {
        if (durable) return done(end);
        done(end_of_execution{});
    });
}

base::task<execution::outcome> execution::run_list(const manifest::task_list& list,
                                                   json::value input) {
    std::size_t index = 0;
    while (index < list.size()) {
        const manifest::task& task = list[index];
        outcome result = co_await run_task(task, std::move(input));
        if (result.how == outcome::kind::faulted || result.how == outcome::kind::end_flow) {
            co_return result;
        }
        input = std::move(result.output);
        const manifest::directive& then = result.then != nullptr ? *result.then : task.then;
        switch (then.action) {
            case manifest::directive::kind::next:
                ++index;
                break;
            case manifest::directive::kind::jump:
                index = then.target;
                break;
            case manifest::directive::kind::exit:
                index = list.size();
                break;
            case manifest::directive::kind::end: {
                outcome end;
                end.how = outcome::kind::end_flow;
                end.output = std::move(input);
                co_return end;
            }
        }
    }
    outcome completed;
    completed.output = std::move(input);
    co_return completed;
}

base::task<execution::outcome> execution::run_task(const manifest::task& task,
                                                   json::value raw_input) {
    if (stopped_) co_return faulted(stopping_fault());
    if (++steps_ > host_.max_steps) {
        co_return faulted(fault{manifest::standard_error_type("runtime"), 500, "Too many steps",
                                "the execution ran " + std::to_string(host_.max_steps) +
                                    " tasks without coming to an end",
                                task.reference});
    }
    if (past_deadline()) {
        co_return faulted(fault{manifest::standard_error_type("timeout"), 408, "Timed out",
                                "the time allowed was over before the task started",
                                task.reference});
    }
    scope_.set_task(json::value::object({{"name", task.name},
                                         {"reference", task.reference},
                                         {"definition", task.definition},
                                         {"input", raw_input}}));
    if (task.condition) {
        base::result<bool> holds = evaluate_condition(*task.condition, raw_input);
        if (!holds) co_return expression_fault(holds.error_value(), task);
        if (!*holds) {
            // A skipped task passes its input on; its `then` does not count.
            static const manifest::directive go_on;
            outcome skipped;
            skipped.output = std::move(raw_input);
            skipped.then = &go_on;
            co_return skipped;
        }
    }
    json::value input = std::move(raw_input);
    if (task.input_from) {
        base::result<json::value> shaped = evaluate(*task.input_from, input);
        if (!shaped) co_return expression_fault(shaped.error_value(), task);
        input = std::move(*shaped);
    }
    scope_.set_input(input);

    outcome result;
    {
        const deadline_guard guard(*this, task.timeout_ms, host_.clock.unix_ms());
        result = co_await run_body(task, input);
    }
    if (result.how != outcome::kind::completed) co_return result;

    // Inner tasks have set these for themselves.
    scope_.set_input(std::move(input));
    if (task.output_as) {
        base::result<json::value> shaped = evaluate(*task.output_as, result.output);
        if (!shaped) co_return expression_fault(shaped.error_value(), task);
        result.output = std::move(*shaped);
    }
    if (task.export_as) {
        scope_.set_output(result.output);
        base::result<json::value> context = evaluate(*task.export_as, result.output);
        if (!context) co_return expression_fault(context.error_value(), task);
        scope_.set_context(std::move(*context));
    }
    scope_.set_step(task.name, result.output);
    co_return result;
}

base::task<execution::outcome> execution::run_body(const manifest::task& task,
                                                   const json::value& input) {
    if (const auto* call = std::get_if<manifest::call_task>(&task.body)) {
        co_return co_await run_call(task, *call, input);
    }
    if (const auto* attempt = std::get_if<manifest::try_task>(&task.body)) {
        co_return co_await run_try(task, *attempt, input);
    }
    if (const auto* block = std::get_if<manifest::do_task>(&task.body)) {
        co_return co_await run_list(block->tasks, input);
    }
    co_return std::visit(
        visitor{[&](const manifest::set_task& body) { return run_set(task, body, input); },
                [&](const manifest::switch_task& body) { return run_switch(task, body, input); },
                [&](const manifest::raise_task& body) { return run_raise(task, body, input); },
                [&](const auto&) { return faulted(fault{}); }},
        task.body);
}

base::result<json::value> execution::evaluate(const manifest::template_value& code,
                                              const json::value& input) {
    expression::budget limits;
    limits.clock = &host_.clock;
    limits.time_ms = 1'000;
    return code.evaluate(input, scope_.bindings(), limits);
}

base::result<bool> execution::evaluate_condition(const manifest::template_value& code,
                                                 const json::value& input) {
    base::result<json::value> answer = evaluate(code, input);
    if (!answer) return std::move(answer).error_value();
    return expression::is_true(*answer);
}

execution::outcome execution::faulted(fault error) const {
    outcome result;
    result.how = outcome::kind::faulted;
    result.error = std::move(error);
    return result;
}

execution::outcome execution::expression_fault(const base::error& failure,
                                               const manifest::task& task) const {
    return faulted(fault_of_expression(failure, task.reference));
}

bool execution::past_deadline() const {
    return deadline_ms_ != 0 && host_.clock.unix_ms() >= deadline_ms_;
}

base::task<bool> execution::sleep_until(std::int64_t unix_ms) {
    const std::int64_t wait = unix_ms - host_.clock.unix_ms();
    if (wait <= 0) co_return !stopped_;
    journal_.park(unix_ms);
    if (host_.on_sleep) host_.on_sleep(start_.id);
    co_await wait_for([this, wait](std::function<void()> go_on) {
        running_timer_ = host_.loop.run_after(wait, std::move(go_on));
    });
    running_timer_ = 0;
    if (host_.on_wake && !stopped_) {
        co_await wait_for(
            [this](std::function<void()> go_on) { host_.on_wake(start_.id, std::move(go_on)); });
    }
    co_return !stopped_;
}

base::task<> execution::wait_for(std::function<void(std::function<void()> go_on)> start) {
    base::callback_awaiter<bool> wait([this, start = std::move(start)](auto done) {
        end_wait_ = std::make_shared<std::function<void()>>([done] { done(true); });
        start([wait = end_wait_] { std::exchange(*wait, [] {})(); });
    });
    co_await wait;
    end_wait_.reset();
}

}  // namespace sluice::engine
