#include "trigger/live_runs.hpp"

namespace sluice::trigger {

void note_live_run(live_runs& into, const store::ready_event& event) {
    if (event.kind != "schedule" && event.kind != "poll" && event.kind != "queue") return;
    into.push_back({event.id, event.instance, event.flow});
}

}  // namespace sluice::trigger
