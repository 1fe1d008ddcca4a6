#pragma once

#include <vector>

#include "manifest/cursor.hpp"
#include "manifest/integration.hpp"
#include "manifest/template_reader.hpp"

namespace sluice::manifest {

// Notes tasks that nothing leads to. `at` is the flow.
void check_reachable(const cursor& at, const task_list& tasks);

// Notes every use of `$steps.x` where x cannot have run before. Names must be unique.
void check_step_order(const cursor& at, const task_list& tasks, const std::vector<step_use>& uses);

}  // namespace sluice::manifest
