#include "engine/children.hpp"

#include <utility>

#include "json/text.hpp"

namespace sluice::engine {

void children::start(request what, std::function<void(base::result<store::event_id>)> started) {
    const start_of_execution& parent = *what.parent;
    const bound_flow& from = *parent.flow;
    const auto refuse = [&](base::error why) {
        ports_.loop.post([started = std::move(started), why = std::move(why)] { started(why); });
    };
    if (from.integration->find_flow(what.flow) == nullptr) {
        return refuse(base::make_error(
            base::error_code::not_found,
            "there is no flow \"" + what.flow + "\" in integration " + from.integration->id));
    }
    store::new_event event;
    event.id = ports_.ids.next();
    event.instance = from.instance;
    event.flow = what.flow;
    event.flow_version = from.integration->hash;
    event.kind = "call";
    event.lane_key = std::move(what.lane_key);
    // A step that is repeated after a crash finds the child it has started.
    event.dedupe_key = "child:" + what.key;
    event.dedupe_content = what.key;
    event.payload_json = json::to_text(what.input);
    event.accepted_ms = ports_.clock.unix_ms();
    event.deadline_ms = parent.deadline_ms;
    event.parent = parent.id;
    using appended = base::result<std::vector<store::append_outcome>>;
    std::vector<store::new_event> batch(1, event);
    // The store may answer when the engine is gone: only the loop outlives both.
    ports_.store.append(std::move(batch), [this, &loop = ports_.loop, event = std::move(event),
                                           input = std::move(what.input),
                                           started = std::move(started)](appended outcome) mutable {
        loop.post([this, event = std::move(event), input = std::move(input),
                   started = std::move(started), outcome = std::move(outcome)]() mutable {
            if (!outcome) return started(std::move(outcome).error_value());
            const store::append_outcome& what_happened = outcome->front();
            if (what_happened.what == store::append_outcome::kind::refused) {
                return started(
                    base::make_error(base::error_code::unavailable,
                                     "the flow could not be started: " + what_happened.reason));
            }
            if (what_happened.what != store::append_outcome::kind::duplicate) {
                ports_.accept(event, std::move(input));
            }
            started(what_happened.id);
        });
    });
}

void children::await_end(store::event_id child, std::function<void(end_of_execution)> ended) {
    if (ports_.is_here(child)) {
        waiting_[child].push_back(std::move(ended));
        return;
    }
    ports_.run_blocking([this, child, ended = std::move(ended)]() mutable {
        base::result<store::execution_detail> found = ports_.store.execution(child);
        ports_.loop.post([this, child, ended = std::move(ended), found = std::move(found)] {
            const end_of_execution end = found ? end_of_stored(*found) : end_of_execution{};
            if (end.how != end_of_execution::kind::abandoned) return ended(end);
            // Not here and not over: its flow is not deployed any more. Whoever takes it up ends
            // it.
            waiting_[child].push_back(ended);
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
