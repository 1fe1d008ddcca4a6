// A runner without a process: the same core, on the test's own loop, so that nothing races.
#pragma once

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "plugin/runner_link.hpp"

namespace sluice::runner {

plugin::start_runner in_process_runner(base::event_loop& loop, base::clock& clock);

}  // namespace sluice::runner
