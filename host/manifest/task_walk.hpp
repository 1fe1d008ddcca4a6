#pragma once

#include <functional>

#include "manifest/task.hpp"

namespace sluice::manifest {

// Every task of the list, nested ones and those of called functions included, in order of the text.
void walk_tasks(const task_list& tasks, const std::function<void(const task&)>& visit);

}  // namespace sluice::manifest
