// Executions of an earlier process that triggers have to know of.
#pragma once

#include <string>
#include <vector>

#include "store/types.hpp"

namespace sluice::trigger {

struct live_run {
    store::event_id id = 0;
    std::string instance;
    std::string flow;
};
using live_runs = std::vector<live_run>;

// Notes an execution that has not ended if the clock or a call has started it.
void note_live_run(live_runs& into, const store::ready_event& event);

}  // namespace sluice::trigger
