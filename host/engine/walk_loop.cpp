// for and while: rounds over a list. After many rounds their records become one, so that the
// journal of a long loop stays short.
#include <utility>

#include "engine/execution.hpp"
#include "json/text.hpp"

namespace sluice::engine {

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
    block_begin block = begin_block(step.path);
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
    // What the rounds so far come to, in place of their records.
    const auto keep = [&](bool over) {
        json::value state = block_state(task, current);
        state.set("rounds", round);
        state.set("over", over);
        store::step_record rounds = step;
        rounds.ended_ms = now_ms();
        json::append_text(rounds.output_json, state);
        replace_block(block, std::move(rounds));
        collapsed = true;
    };
    const auto count = static_cast<std::int64_t>(items->size());
    outcome result;
    for (; round < count; ++round) {
        if (round > 0 && is_long(block)) keep(false);
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
        if (!result.completed()) co_return result;
        if (!go_on) break;
    }
    if (collapsed) keep(true);
    co_return completed_with(std::move(current));
}

}  // namespace sluice::engine
