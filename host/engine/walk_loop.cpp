// for and while: rounds over a list. After many rounds their records become one, so that the
// journal of a long loop stays short.
#include <utility>

#include "engine/execution.hpp"
#include "json/text.hpp"

namespace sluice::engine {
namespace {

bool is_below(const std::string& path, const std::string& block) {
    return path.size() > block.size() && path.starts_with(block) &&
           (path[block.size()] == '/' || path[block.size()] == '>');
}

json::value counters_json(const execution::counters& all, const std::string& block) {
    json::value out = json::value::object();
    for (const auto& [path, count] : all) {
        if (is_below(path, block)) out.set(path, count);
    }
    return out;
}

void restore_counters(execution::counters& into, const json::value& from) {
    if (!from.is_object()) return;
    for (const auto& [path, count] : from.members())
        into[path] = count.as_int64();
}

}  // namespace

json::value walk::block_state(const manifest::task& task, json::value output) const {
    const std::string path = path_of(task);
    return json::value::object({{"output", std::move(output)},
                                {"context", scope_.context()},
                                {"steps", scope_.steps()},
                                {"runs", counters_json(run_.runs(), path)},
                                {"visits", counters_json(run_.visits(), path)}});
}

void walk::restore_block(const json::value& state) {
    scope_.set_context(state.get("context"));
    scope_.set_steps(state.get("steps"));
    restore_counters(run_.runs(), state.get("runs"));
    restore_counters(run_.visits(), state.get("visits"));
}

// What the rounds so far come to, in place of their records.
void walk::record_rounds(const manifest::task& task, const execution_counters& before,
                         store::step_record step, std::int64_t round, const json::value& output,
                         bool over) {
    json::value state = block_state(task, output);
    state.set("rounds", round);
    state.set("over", over);
    step.ended_ms = now_ms();
    json::append_text(step.output_json, state);
    store::collapse_op collapse;
    for (const auto& [path, count] : run_.runs()) {
        if (!is_below(path, step.path)) continue;
        const auto earlier = before.find(path);
        collapse.forget.emplace_back(path, earlier == before.end() ? 0 : earlier->second);
    }
    collapse.step = std::move(step);
    run_.records().collapse(std::move(collapse));
}

base::task<outcome> walk::run_for(const manifest::task& task, const manifest::for_task& body,
                                  const json::value& input) {
    const store::step_record step = begin_step(task, "for");
    base::result<json::value> items = evaluate(body.in, input);
    if (!items) co_return expression_fault(items.error_value(), task);
    if (!items->is_array()) {
        co_return expression_fault(base::make_error(base::error_code::invalid_input,
                                                    "`in` of the loop must give an array, not " +
                                                        json::to_text(*items).substr(0, 60)),
                                   task);
    }
    execution_counters before;
    for (const auto& [path, count] : run_.runs()) {
        if (is_below(path, step.path)) before.emplace(path, count);
    }
    json::value current = input;
    std::int64_t round = 0;
    bool collapsed = false;
    if (const store::step_record* record = replay(step)) {
        base::result<json::value> state = json::parse(record->output_json);
        if (!state) co_return replayed_outcome(*record);
        restore_block(*state);
        current = state->get("output");
        round = state->int_or("rounds", 0);
        collapsed = true;
        if (state->bool_or("over", false)) co_return completed_with(std::move(current));
    }
    const auto count = static_cast<std::int64_t>(items->size());
    outcome result;
    for (; round < count; ++round) {
        if (round > 0 && round % host_.limits.loop_chunk == 0) {
            record_rounds(task, before, step, round, current, false);
            collapsed = true;
        }
        scope_.push(body.item_name, items->at(static_cast<std::size_t>(round)));
        scope_.push(body.index_name, round);
        bool go_on = true;
        if (body.while_holds) {
            base::result<bool> holds = evaluate_condition(*body.while_holds, current);
            if (!holds) {
                result = expression_fault(holds.error_value(), task);
            } else {
                go_on = *holds;
            }
        }
        if (go_on && result.completed()) {
            result = co_await run_list(body.tasks, std::move(current));
            current = result.output;
        }
        scope_.pop(2);
        if (!go_on) break;
        if (!result.completed()) co_return result;
    }
    if (collapsed) record_rounds(task, before, step, round, current, true);
    co_return completed_with(std::move(current));
}

}  // namespace sluice::engine
