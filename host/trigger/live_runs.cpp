#include "trigger/live_runs.hpp"

namespace sluice::trigger {

base::result<void> read_live_runs(store::store& store,
                                  const std::function<void(const store::ready_event&)>& found) {
    constexpr int page = 10'000;
    store::event_id after = 0;
    while (true) {
        const auto events = store.load_ready_all(after, page);
        if (!events) return events.error_value();
        for (const store::ready_event& event : *events) {
            after = event.id;
            found(event);
        }
        if (events->size() < static_cast<std::size_t>(page)) return {};
    }
}

}  // namespace sluice::trigger
