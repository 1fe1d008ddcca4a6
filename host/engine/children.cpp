#include "engine/children.hpp"

#include <utility>

#include "engine/hide_secrets.hpp"
#include "engine/journal.hpp"
#include "json/text.hpp"

namespace sluice::engine {

void children::start(request what, journal& records, const noted& note, begun started) {
    const start_of_execution& parent = *what.parent;
    const bound_flow& from = *parent.flow;
    if (from.integration->find_flow(what.flow) == nullptr) {
        base::error why = base::make_error(
            base::error_code::not_found,
            "there is no flow \"" + what.flow + "\" in integration " + from.integration->id);
        return ports_.loop.post(
            [started = std::move(started), why = std::move(why)] { started(why); });
    }
    store::new_event event;
    event.id = ports_.ids.next();
    event.instance = from.instance;
    event.flow = what.flow;
    event.flow_version = from.integration->hash;
    event.kind = what.awaited ? awaited_child : free_child;
    event.lane_key = std::move(what.lane_key);
    event.payload_json = to_text_without_secrets(from, what.input);
    event.accepted_ms = ports_.clock.unix_ms();
    event.deadline_ms = parent.deadline_ms;
    event.parent = parent.id;
    note(event.id);
    records.add(store::append_op{event});
    records.commit([this, event = std::move(event), input = std::move(what.input),
                    started = std::move(started)](base::result<store::commit_outcome> outcome) {
        if (!outcome) return started(std::move(outcome).error_value());
        if (*outcome != store::commit_outcome::committed) {
            return started(base::make_error(base::error_code::conflict,
                                            "another owner has taken over this execution"));
        }
        ports_.accept(event, input);
        started(event.id);
    });
}

void children::await_end(store::event_id child, std::function<void(end_of_execution)> ended) {
    waiting_[child].push_back(std::move(ended));
    if (ports_.is_here(child)) return;
    // Over already, or its flow is not deployed any more: then whoever takes it up ends it.
    ports_.run_blocking([this, child] {
        base::result<store::execution_detail> found = ports_.store.execution(child);
        ports_.loop.post([this, child, found = std::move(found)] {
            const end_of_execution end = found ? end_of_stored(*found) : end_of_execution{};
            if (end.how != end_of_execution::kind::abandoned) this->ended(child, end);
        });
    });
}

void children::ended(store::event_id id, const end_of_execution& end) {
    auto found = waiting_.extract(id);
    if (found.empty()) return;
    for (auto& one : found.mapped())
        ports_.loop.post([one = std::move(one), end] { one(end); });
}

end_of_execution end_of_stored(const store::execution_detail& stored) {
    end_of_execution end;
    end.ended_ms = stored.summary.ended_ms;
    switch (stored.summary.state) {
        case store::event_state::succeeded:
            end.how = end_of_execution::kind::succeeded;
            if (auto output = json::parse(stored.output_json)) end.output = std::move(*output);
            break;
        case store::event_state::cancelled:
            end.how = end_of_execution::kind::cancelled;
            break;
        case store::event_state::failed:
        case store::event_state::quarantined:
            end.how = end_of_execution::kind::failed;
            if (auto error = json::parse(stored.summary.error_json)) {
                end.error = fault::from_json(*error);
            }
            break;
        case store::event_state::ready:
        case store::event_state::running:
        case store::event_state::waiting:
            break;
    }
    return end;
}

}  // namespace sluice::engine
