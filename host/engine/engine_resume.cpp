// Executions that go on after their end.
#include <utility>

#include "engine/engine.hpp"

namespace sluice::engine {

void engine::resume(std::vector<resumption> family, std::function<void(base::result<void>)> done) {
    const auto answer = [this, done = std::move(done)](base::result<void> how) {
        ports_.loop.post([done, how = std::move(how)] { done(how); });
    };
    if (draining_) {
        return answer(base::make_error(base::error_code::unavailable, "the host is ending"));
    }
    const store::partition_id partition = store::partition_of(family.front().event.instance);
    const base::result<store::epoch_number> epoch = epoch_of(partition);
    if (!epoch) return answer(epoch.error_value());
    std::vector<store::op> changes;
    std::vector<store::ready_event> events;
    for (resumption& one : family) {
        changes.emplace_back(std::move(one.change));
        events.push_back(std::move(one.event));
    }
    const auto committed = [this, answer](const base::result<store::commit_outcome>& outcome,
                                          std::vector<store::ready_event> again) {
        if (!outcome) return answer(outcome.error_value());
        if (*outcome != store::commit_outcome::committed) {
            return answer(base::make_error(base::error_code::conflict,
                                           "the execution is not over, or is resumed already"));
        }
        for (store::ready_event& one : again)
            take_up(std::move(one));
        answer({});
    };
    ports_.store.commit(
        partition, *epoch, std::move(changes),
        [&loop = ports_.loop, committed,
         events = std::move(events)](base::result<store::commit_outcome> outcome) mutable {
            loop.post([committed, events = std::move(events), outcome = std::move(outcome)] {
                committed(outcome, events);
            });
        });
}

}  // namespace sluice::engine
