// listen: waits for events that flows of the same instance emit. What was taken so far is recorded,
// so that a restart goes on from there.
#include <algorithm>
#include <utility>

#include "engine/event_match.hpp"
#include "engine/execution.hpp"
#include "engine/signals.hpp"
#include "json/text.hpp"

namespace sluice::engine {
namespace {

constexpr int page = 100;

json::value shown(manifest::listen_task::reading how, const json::value& event) {
    return how == manifest::listen_task::reading::data ? event.get("data") : event;
}

}  // namespace

// What a listener has taken so far.
struct walk::listening {
    const manifest::listen_task& body;
    const json::value& input;
    std::int64_t after = 0;  // number of the last signal looked at
    json::value taken = json::value::array();
    json::value output = json::value::array();  // of foreach, or the events
    correlation_values known;
    std::vector<bool> met;    // all: which filters have had theirs
    std::vector<bool> ended;  // which of the events that end it have arrived
    bool over = false;

    static json::value list_of(const std::vector<bool>& flags) {
        json::value out = json::value::array();
        for (const bool one : flags)
            out.push(one);
        return out;
    }
    static void restore_list(std::vector<bool>& flags, const json::value& from) {
        for (std::size_t i = 0; i < flags.size() && i < from.size(); ++i)
            flags[i] = from.at(i).as_bool();
    }

    json::value to_json() const {
        json::value correlated = json::value::object();
        for (const auto& [name, content] : known)
            correlated.set(name, content);
        return json::value::object({{"after", after},
                                    {"taken", taken},
                                    {"list", output},
                                    {"known", correlated},
                                    {"met", list_of(met)},
                                    {"ended", list_of(ended)},
                                    {"over", over}});
    }
    void restore(const json::value& from) {
        after = from.int_or("after", 0);
        taken = from.get("taken");
        output = from.get("list");
        over = from.bool_or("over", false);
        for (const auto& [name, content] : from.get("known").members())
            known.emplace(name, content);
        restore_list(met, from.get("met"));
        restore_list(ended, from.get("ended"));
    }
};

void walk::record_listening(const manifest::task& task, block_begin& block, store::step_record step,
                            const listening& state) {
    json::value record = block_state(task, json::value());
    const json::value progress = state.to_json();
    for (const auto& [name, content] : progress.members())
        record.set(name, content);
    step.ended_ms = now_ms();
    json::append_text(step.output_json, record);
    if (is_long(block)) {
        replace_block(block, std::move(step));
    } else {
        store::collapse_op change;
        change.step = std::move(step);
        run_.records().collapse(std::move(change));
    }
    run_.records().flush_soon();
}

// Whether the event is one of those that end the listener; it is not taken then.
base::result<bool> walk::is_last(listening& state, const json::value& event) {
    const manifest::listen_task::ending& ends = *state.body.ends;
    const evaluator with = [this](const manifest::template_value& code, const json::value& input) {
        return evaluate(code, input);
    };
    if (ends.filters.empty()) return true;
    for (std::size_t i = 0; i < ends.filters.size(); ++i) {
        if (state.ended[i]) continue;
        correlation_values ignored = state.known;
        base::result<bool> fits = matches(ends.filters[i], event, state.input, with, ignored);
        if (!fits) return fits;
        if (!*fits) continue;
        state.ended[i] = true;
        return true;
    }
    return false;
}

// Whether the event is one that the listener waits for.
base::result<bool> walk::takes(listening& state, const json::value& event) {
    const evaluator with = [this](const manifest::template_value& code, const json::value& input) {
        return evaluate(code, input);
    };
    const manifest::listen_task& body = state.body;
    if (body.ends) {
        const base::result<bool> last = is_last(state, event);
        if (!last) return last;
        if (*last) {
            state.over =
                state.over || !body.ends->all ||
                std::find(state.ended.begin(), state.ended.end(), false) == state.ended.end();
            return false;
        }
    }
    if (body.filters.empty()) return true;
    for (std::size_t i = 0; i < body.filters.size(); ++i) {
        if (body.how == manifest::listen_task::strategy::all && state.met[i]) continue;
        base::result<bool> fits = matches(body.filters[i], event, state.input, with, state.known);
        if (!fits) return fits;
        if (!*fits) continue;
        state.met[i] = true;
        return true;
    }
    return false;
}

base::result<bool> walk::is_enough(const listening& state) {
    const manifest::listen_task& body = state.body;
    if (state.over) return true;
    switch (body.how) {
        case manifest::listen_task::strategy::one:
            return state.taken.size() > 0;
        case manifest::listen_task::strategy::all:
            for (const bool one : state.met) {
                if (!one) return false;
            }
            return true;
        case manifest::listen_task::strategy::any:
            break;
    }
    if (body.until_forever || body.ends) return false;
    if (!body.until) return state.taken.size() > 0;
    if (state.taken.size() == 0) return false;
    return evaluate_condition(*body.until, state.taken);
}

// foreach: the tasks for one event.
base::task<outcome> walk::run_foreach(const manifest::task& task, const listening& state,
                                      json::value event, std::int64_t index) {
    const manifest::for_task& each = *state.body.each;
    scope_.push(each.item_name, event);
    scope_.push(each.index_name, index);
    outcome result = co_await run_list(each.tasks, std::move(event));
    scope_.pop(2);
    if (!result.completed()) co_return result;
    if (state.body.each_output_as) {
        base::result<json::value> shaped = evaluate(*state.body.each_output_as, result.output);
        if (!shaped) co_return faulted_with(fault_of_expression(shaped.error_value(), ""));
        result.output = std::move(*shaped);
    }
    if (auto refused = check_schema(state.body.each_output_schema, result.output, "output", task)) {
        co_return faulted_with(std::move(*refused));
    }
    if (state.body.each_export_as) {
        base::result<json::value> context = evaluate(*state.body.each_export_as, result.output);
        if (!context) co_return faulted_with(fault_of_expression(context.error_value(), ""));
        if (auto refused =
                check_schema(state.body.each_export_schema, *context, "exported context", task)) {
            co_return faulted_with(std::move(*refused));
        }
        scope_.set_context(std::move(*context));
    }
    co_return result;
}

base::task<outcome> walk::run_listen(const manifest::task& task, const manifest::listen_task& body,
                                     const json::value& input) {
    if (host_.signals == nullptr) {
        co_return faulted_with(fault_of_call(
            base::make_error(base::error_code::unsupported, "this run has no events to listen for"),
            0, task.reference));
    }
    store::step_record step = begin_step(task, "listen");
    block_begin block = begin_block(step.path);
    listening state{body, input, 0, json::value::array(), json::value::array(), {}, {}, {}, false};
    state.met.resize(body.filters.size());
    if (body.ends) state.ended.resize(body.ends->filters.size());
    if (const store::step_record* before = replay(step)) {
        const outcome recorded = replayed_outcome(*before);
        if (recorded.faulted()) co_return recorded;
        restore_block(recorded.output);
        state.restore(recorded.output);
        step.started_ms = before->started_ms;
    } else {
        base::callback_awaiter<base::result<std::int64_t>> start([this](auto done) {
            host_.signals->newest(run_.start().flow->instance, std::move(done));
        });
        const base::result<std::int64_t> newest = co_await start;
        if (!newest) {
            co_return faulted_with(fault_of_call(newest.error_value(), 0, task.reference));
        }
        state.after = *newest;
        record_listening(task, block, step, state);
    }
    while (!state.over) {
        if (stopping()) co_return faulted_with(stopping_fault());
        using page_of_signals = base::result<std::vector<signal>>;
        base::callback_awaiter<page_of_signals> read([this, &state](auto done) {
            host_.signals->read(run_.start().flow->instance, state.after, page, std::move(done));
        });
        const page_of_signals found = co_await read;
        if (!found) co_return faulted_with(fault_of_call(found.error_value(), 0, task.reference));
        const std::size_t taken = state.taken.size();
        if (auto ended = co_await take_signals(task, state, *found)) co_return std::move(*ended);
        if (state.over) break;
        if (state.taken.size() != taken) {
            last_step_ms_ = host_.clock.unix_ms();
            record_listening(task, block, step, state);
        }
        if (found->size() == static_cast<std::size_t>(page)) continue;
        // Nothing more for now. Subscribed before the look, so that nothing falls in between.
        const woken why = co_await pause_for_signals(state.after);
        if (why == woken::stopped) co_return faulted_with(stopping_fault());
        if (late_now()) {
            outcome late = timeout_fault(task);
            record_end(std::move(step), late);
            co_return late;
        }
    }
    last_step_ms_ = host_.clock.unix_ms();
    record_listening(task, block, step, state);
    co_return completed_with(state.output);
}

// Takes what fits of these signals, until the listener has enough. A value: the task ends with it.
base::task<std::optional<outcome>> walk::take_signals(const manifest::task& task, listening& state,
                                                      const std::vector<signal>& found) {
    for (const signal& one : found) {
        state.after = one.number;
        base::result<bool> fits = takes(state, one.event);
        if (!fits) co_return expression_fault(fits.error_value(), task);
        if (*fits) {
            json::value event = shown(state.body.read, one.event);
            state.taken.push(event);
            if (state.body.each) {
                const auto index = static_cast<std::int64_t>(state.taken.size()) - 1;
                outcome result = co_await run_foreach(task, state, std::move(event), index);
                if (!result.completed()) co_return result;
                event = std::move(result.output);
            }
            state.output.push(std::move(event));
        }
        base::result<bool> enough = is_enough(state);
        if (!enough) co_return expression_fault(enough.error_value(), task);
        if (*enough) {
            state.over = true;
            co_return std::nullopt;
        }
    }
    co_return std::nullopt;
}

// Until there may be signals above `after`.
base::task<walk::woken> walk::pause_for_signals(std::int64_t after) {
    signal_log::listener_id listener = 0;
    const woken why = co_await pause(until_deadline(0), [&](std::function<void()> wake) {
        listener = host_.signals->listen(run_.start().flow->instance, after, std::move(wake));
    });
    host_.signals->forget(listener);
    co_return why;
}

}  // namespace sluice::engine
