#include "manifest/step_order.hpp"

#include <algorithm>
#include <map>
#include <string_view>
#include <utility>

#include "manifest/flow_paths.hpp"

namespace sluice::manifest {
namespace {

enum class part { sequence, loop, branches, attempt, retried, handler };

struct position {
    const task_list* list;
    std::size_t index;
    part of;  // what the list is of the task around it

    bool operator==(const position& other) const {
        return list == other.list && index == other.index;
    }
};
using path = std::vector<position>;  // from the flow's list inwards

// The lists inside one task.
template <class Visit>
void each_list(const task& of, const Visit& visit) {
    if (const auto* const inner = std::get_if<do_task>(&of.body)) {
        visit(inner->tasks, part::sequence);
    } else if (const auto* const loop = std::get_if<for_task>(&of.body)) {
        visit(loop->tasks, part::loop);
    } else if (const auto* const fork = std::get_if<fork_task>(&of.body)) {
        visit(fork->branches, part::branches);
    } else if (const auto* const attempt = std::get_if<try_task>(&of.body)) {
        visit(attempt->tasks, attempt->retry ? part::retried : part::attempt);
        if (attempt->handler) visit(*attempt->handler, part::handler);
    } else if (const auto* const listen = std::get_if<listen_task>(&of.body)) {
        if (listen->each) visit(listen->each->tasks, part::loop);
    }
}

struct index {
    std::map<std::string, path, std::less<>> by_name;
    std::map<std::string, path, std::less<>> by_reference;
};

void collect(const task_list& list, part of, path& around, index& into) {
    for (std::size_t i = 0; i < list.size(); ++i) {
        around.push_back({&list, i, of});
        into.by_name.emplace(list[i].name, around);
        into.by_reference.emplace(list[i].reference, around);
        each_list(list[i],
                  [&](const task_list& inner, part kind) { collect(inner, kind, around, into); });
        around.pop_back();
    }
}

// Whether one of the first `depth` tasks of the path may run again, and with it all inside it;
// the lists inside the first `depth` - 1 of them are those of the path.
bool comes_again(const path& of, std::size_t depth) {
    for (std::size_t i = 0; i < depth; ++i) {
        if (i > 0 && (of[i].of == part::loop || of[i].of == part::retried)) return true;
        if (of[i].of != part::branches && leads_to(*of[i].list, of[i].index, of[i].index)) {
            return true;
        }
    }
    return false;
}

enum class answer { possible, later, other_branch };

answer ask(const path& step, const path& reader, bool after_parts) {
    std::size_t common = 0;
    while (common < step.size() && common < reader.size() && step[common] == reader[common])
        ++common;
    if (common == step.size()) {
        if (common == reader.size() && after_parts) return answer::possible;
        return comes_again(step, common) ? answer::possible : answer::later;
    }
    if (common == reader.size()) {
        return after_parts || comes_again(reader, common) ? answer::possible : answer::later;
    }
    const position& a = step[common];
    const position& b = reader[common];
    bool again = comes_again(step, common);
    if (a.list != b.list) {
        // Parts of one try.
        return b.of == part::handler || again ? answer::possible : answer::later;
    }
    again = again || (common > 0 && (a.of == part::loop || a.of == part::retried));
    if (again) return answer::possible;
    if (a.of == part::branches) return answer::other_branch;
    return leads_to(*a.list, a.index, b.index) ? answer::possible : answer::later;
}

const path* find_reader(const index& in, std::string_view place, bool& after_parts) {
    after_parts = false;
    auto found = in.by_reference.find(place);
    if (found != in.by_reference.end()) return &found->second;
    after_parts = true;
    found = in.by_reference.find(place.substr(0, place.rfind('/')));
    return found == in.by_reference.end() ? nullptr : &found->second;
}

}  // namespace

void check_reachable(const cursor& at, const task_list& tasks) {
    const std::vector<bool> reached = reachable(tasks);
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        // Of several in a row the first says it all.
        if (!reached[i] && reached[i - 1]) {
            at.problem_at(tasks[i].where, "nothing leads to the task \"" + tasks[i].name + "\"",
                          "\"" + tasks[i - 1].name +
                              "\" before it never goes on to it; name it in a `then`, or "
                              "leave it out");
        }
        each_list(tasks[i], [&](const task_list& inner, part kind) {
            if (kind != part::branches) return check_reachable(at, inner);
            for (const task& branch : inner) {
                each_list(branch,
                          [&](const task_list& deeper, part) { check_reachable(at, deeper); });
            }
        });
    }
}

void check_step_order(const cursor& at, const task_list& tasks, const std::vector<step_use>& uses) {
    if (uses.empty()) return;
    index all;
    path around;
    collect(tasks, part::sequence, around, all);
    for (const step_use& use : uses) {
        bool after_parts = false;
        const path* const reader = find_reader(all, use.reader, after_parts);
        const auto step = all.by_name.find(use.step);
        if (reader == nullptr || step == all.by_name.end()) continue;
        const answer given = ask(step->second, *reader, after_parts);
        if (given == answer::later) {
            at.problem_at(use.where, "the task \"" + use.step + "\" cannot have run before this",
                          "$steps holds what the tasks before gave");
        } else if (given == answer::other_branch) {
            at.problem_at(use.where,
                          "the task \"" + use.step + "\" runs at the same time, in another branch",
                          "read it after the fork");
        }
    }
}

}  // namespace sluice::manifest
