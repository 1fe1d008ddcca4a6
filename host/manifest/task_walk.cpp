#include "manifest/task_walk.hpp"

#include "manifest/integration.hpp"

namespace sluice::manifest {
namespace {

void walk_task(const task& of, const std::function<void(const task&)>& visit) {
    visit(of);
    if (const auto* const inner = std::get_if<do_task>(&of.body)) {
        walk_tasks(inner->tasks, visit);
    } else if (const auto* const loop = std::get_if<for_task>(&of.body)) {
        walk_tasks(loop->tasks, visit);
    } else if (const auto* const fork = std::get_if<fork_task>(&of.body)) {
        walk_tasks(fork->branches, visit);
    } else if (const auto* const attempt = std::get_if<try_task>(&of.body)) {
        walk_tasks(attempt->tasks, visit);
        if (attempt->handler) walk_tasks(*attempt->handler, visit);
    } else if (const auto* const listen = std::get_if<listen_task>(&of.body)) {
        if (listen->each) walk_tasks(listen->each->tasks, visit);
    } else if (const auto* const call = std::get_if<function_task>(&of.body)) {
        if (call->body) walk_task(*call->body, visit);
    }
}

}  // namespace

void walk_tasks(const task_list& tasks, const std::function<void(const task&)>& visit) {
    for (const task& each : tasks)
        walk_task(each, visit);
}

std::vector<const task*> call_tasks(const flow& of) {
    std::vector<const task*> found;
    walk_tasks(of.tasks, [&](const task& each) {
        if (std::holds_alternative<call_task>(each.body)) found.push_back(&each);
    });
    return found;
}

}  // namespace sluice::manifest
