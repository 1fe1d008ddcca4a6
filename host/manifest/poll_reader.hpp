// The triggers `poll` and `queue`: an action that is asked again and again. Inside the module only.
#pragma once

#include <optional>

#include "manifest/task_reader.hpp"

namespace sluice::manifest {

poll_trigger read_poll(const cursor& at, task_reader& tasks);
poll_trigger read_queue(const cursor& at, task_reader& tasks);

}  // namespace sluice::manifest
