#include "manifest/computes_only.hpp"

#include <cstddef>
#include <variant>

namespace sluice::manifest {
namespace {

bool computes_only(const task_list& tasks);

bool goes_on(const directive& then, std::size_t from) {
    return then.action != directive::kind::jump || then.target > from;
}

bool computes_only(const task& one, std::size_t at) {
    if (!goes_on(one.then, at)) return false;
    if (const auto* const it = std::get_if<switch_task>(&one.body)) {
        for (const switch_case& each : it->cases) {
            if (!goes_on(each.then, at)) return false;
        }
        return true;
    }
    if (const auto* const it = std::get_if<do_task>(&one.body)) return computes_only(it->tasks);
    if (const auto* const it = std::get_if<try_task>(&one.body)) {
        return !it->retry && goes_on(it->then, at) && computes_only(it->tasks) &&
               (!it->handler || computes_only(*it->handler));
    }
    return std::holds_alternative<set_task>(one.body) ||
           std::holds_alternative<raise_task>(one.body);
}

bool computes_only(const task_list& tasks) {
    for (std::size_t i = 0; i < tasks.size(); ++i) {
        if (!computes_only(tasks[i], i)) return false;
    }
    return true;
}

}  // namespace

bool computes_only(const flow& flow) {
    return !flow.retry && !flow.callback && computes_only(flow.tasks);
}

}  // namespace sluice::manifest
