// Which task can run after which. Inside the module only.
#pragma once

#include <cstddef>
#include <vector>

#include "manifest/task.hpp"

namespace sluice::manifest {

// Indexes of the tasks that may run right after task `index` of the list; the list's size stands
// for its end. Empty when the task ends the whole flow.
std::vector<std::size_t> successors(const task_list& list, std::size_t index);

// Of each task and, last, of the list's end: whether something leads there.
std::vector<bool> reachable(const task_list& list);

// Whether task `to` may run some time after task `from` of the same run of the list.
bool leads_to(const task_list& list, std::size_t from, std::size_t to);

}  // namespace sluice::manifest
