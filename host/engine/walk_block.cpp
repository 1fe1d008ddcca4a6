// What a record of a whole block (a loop, a fork, a listener) stands for: how far the tasks below
// it have come, so that a later walk goes on behind it without repeating them.
#include <utility>

#include "engine/execution.hpp"
#include "engine/hide_secrets.hpp"
#include "json/text.hpp"

namespace sluice::engine {
namespace {

void restore_counters(execution::counters& into, const json::value& from) {
    if (!from.is_object()) return;
    for (const auto& [path, count] : from.members())
        into[path] = count.as_int64();
}

}  // namespace

bool walk::is_below(const std::string& path, const std::string& block) {
    return path.size() > block.size() && path.starts_with(block) &&
           (path[block.size()] == '/' || path[block.size()] == '>');
}

json::value walk::counters_below(const std::string& block) const {
    const auto below = [&block](const execution_counters& all) {
        json::value out = json::value::object();
        for (const auto& [path, count] : all) {
            if (is_below(path, block)) out.set(path, count);
        }
        return out;
    };
    return json::value::object({{"runs", below(run_.runs())}, {"visits", below(run_.visits())}});
}

void walk::restore_below(const json::value& state) {
    restore_counters(run_.runs(), state.get("runs"));
    restore_counters(run_.visits(), state.get("visits"));
}

json::value walk::block_state(const manifest::task& task, json::value output) const {
    json::value state = counters_below(path_of(task));
    state.set("output", std::move(output));
    state.set("context", scope_.context());
    state.set("steps", scope_.steps());
    return state;
}

void walk::restore_block(const json::value& state) {
    scope_.set_context(state.get("context"));
    scope_.set_steps(state.get("steps"));
    restore_below(state);
}

walk::block_begin walk::begin_block(const std::string& path) {
    block_begin block;
    for (const auto& [each, count] : run_.runs()) {
        if (is_below(each, path)) block.runs.emplace(each, count);
    }
    block.steps = run_.steps();
    block.bytes = run_.records().total_bytes();
    return block;
}

bool walk::is_long(const block_begin& block) const {
    return run_.steps() - block.steps >= host_.limits.loop_chunk;
}

void walk::replace_block(block_begin& block, store::step_record step) {
    store::collapse_op collapse;
    for (const auto& [path, count] : run_.runs()) {
        if (!is_below(path, step.path)) continue;
        const auto earlier = block.runs.find(path);
        collapse.forget.emplace_back(path, earlier == block.runs.end() ? 0 : earlier->second);
    }
    collapse.step = std::move(step);
    const std::size_t so_far = run_.records().total_bytes();
    run_.records().collapse(std::move(collapse), so_far > block.bytes ? so_far - block.bytes : 0);
    block.steps = run_.steps();
}

// The start of a step that waits is in its record, too: after a restart it goes on from there, not
// from the beginning.
void walk::record_waiting(store::step_record step, const json::value& state) {
    step.ended_ms = step.started_ms;
    json::append_text(step.output_json, state);
    step.input_json = hide_secrets_in_json(*run_.start().flow, std::move(step.input_json));
    store::collapse_op change;
    change.step = std::move(step);
    run_.records().collapse(std::move(change));
    run_.records().flush_soon();
}

void walk::record_end(store::step_record step, outcome result) {
    complete_step(step, result);
    store::collapse_op change;
    change.step = std::move(step);
    run_.records().collapse(std::move(change));
}

}  // namespace sluice::engine
