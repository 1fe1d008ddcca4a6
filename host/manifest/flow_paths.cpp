#include "manifest/flow_paths.hpp"

#include <algorithm>

#include "expression/expression.hpp"

namespace sluice::manifest {
namespace {

bool completes(const task_list& list) { return list.empty() || reachable(list).back(); }

// Whether the task's own part can come to an end without a fault and without ending the flow.
bool body_completes(const task& of) {
    if (std::holds_alternative<raise_task>(of.body)) return false;
    if (const auto* const inner = std::get_if<do_task>(&of.body)) return completes(inner->tasks);
    if (const auto* const fork = std::get_if<fork_task>(&of.body)) {
        const auto done = [](const task& branch) {
            return branch.condition || body_completes(branch);
        };
        return fork->compete ? std::any_of(fork->branches.begin(), fork->branches.end(), done)
                             : std::all_of(fork->branches.begin(), fork->branches.end(), done);
    }
    if (const auto* const attempt = std::get_if<try_task>(&of.body)) {
        if (completes(attempt->tasks)) return true;
        return attempt->then.action == directive::kind::next &&
               (!attempt->handler || completes(*attempt->handler));
    }
    return true;
}

bool always_runs(const task& of) {
    return !of.condition ||
           (of.condition->is_literal() && expression::is_true(of.condition->literal_value()));
}

// Calls `visit` with every index that can be reached from the tasks in `open`.
template <class Visit>
void spread(const task_list& list, std::vector<std::size_t> open, const Visit& visit) {
    std::vector<bool> seen(list.size() + 1, false);
    while (!open.empty()) {
        const std::size_t index = open.back();
        open.pop_back();
        if (seen[index]) continue;
        seen[index] = true;
        if (visit(index)) return;
        if (index == list.size()) continue;
        for (const std::size_t next : successors(list, index))
            open.push_back(next);
    }
}

}  // namespace

std::vector<std::size_t> successors(const task_list& list, std::size_t index) {
    const task& of = list[index];
    std::vector<std::size_t> made;
    const auto follow = [&](const directive& then) {
        if (then.action == directive::kind::next) made.push_back(index + 1);
        if (then.action == directive::kind::exit) made.push_back(list.size());
        if (then.action == directive::kind::jump)
            made.push_back(std::min(then.target, list.size()));
    };
    // `then` of a task that is skipped does not count.
    if (!always_runs(of)) made.push_back(index + 1);
    if (const auto* const choice = std::get_if<switch_task>(&of.body)) {
        bool has_default = false;
        for (const switch_case& each : choice->cases) {
            follow(each.then);
            has_default = has_default || !each.when;
        }
        if (!has_default) follow(of.then);
        return made;
    }
    if (body_completes(of)) follow(of.then);
    const auto* const attempt = std::get_if<try_task>(&of.body);
    if (attempt != nullptr && attempt->then.action != directive::kind::next &&
        (!attempt->handler || completes(*attempt->handler))) {
        follow(attempt->then);
    }
    return made;
}

std::vector<bool> reachable(const task_list& list) {
    std::vector<bool> made(list.size() + 1, false);
    spread(list, {0}, [&](std::size_t index) {
        made[index] = true;
        return false;
    });
    return made;
}

bool leads_to(const task_list& list, std::size_t from, std::size_t to) {
    bool found = false;
    spread(list, successors(list, from), [&](std::size_t index) { return found = index == to; });
    return found;
}

}  // namespace sluice::manifest
