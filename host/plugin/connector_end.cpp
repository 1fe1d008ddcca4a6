// How calls end, and how a connector does.
#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "plugin/connector_state.hpp"
#include "plugin/strand.hpp"

namespace sluice::plugin {

using base::error_code;
using base::make_error;

void connector_state::finish(call_handle call, call_outcome outcome, bool late) {
    const std::unique_ptr<live_call> live = call_slots::close(call);
    if (!live) return;
    if (live->timer != 0) shared->ports.loop.cancel(live->timer);
    live->operations.drop_all();
    --live_calls_;
    const bool gave_in =
        !outcome.output_json && outcome.output_json.error_value().code == error_code::cancelled;
    if (live->timed_out && gave_in) outcome.output_json.error_value().code = error_code::timeout;
    forget_refused_sessions(*live, outcome);
    if (!late) tell(*live, std::move(outcome));
    close_if_idle();
}

// Its values are suspect, and what was opened with them. Not when a verifier found a sender's
// signature wrong: anybody can send such a request.
void connector_state::forget_refused_sessions(const live_call& live, const call_outcome& outcome) {
    if (sessions_->empty() || outcome.output_json) return;
    if (outcome.output_json.error_value().code != error_code::auth) return;
    const action_description* action = found.description.find_action(live.input.action);
    if (action != nullptr && action->verifier) return;
    sessions_->forget(
        session_cache::owner_of(live.input.scope.instance, live.input.connection_json));
}

// The result may name blobs, and whoever records it relies on them.
void connector_state::tell(live_call& live, call_outcome outcome) {
    auto unsettled = shared->blobs->unsettled(live.input.scope.execution);
    if (unsettled.empty() || !outcome.output_json) return live.done(std::move(outcome));
    make_durable(
        shared->access(), std::move(unsettled),
        [done = std::move(live.done),
         kept = std::make_shared<call_outcome>(std::move(outcome))](base::result<void> durable) {
            if (!durable) {
                *kept = {};
                kept->output_json = std::move(durable).error_value();
            }
            done(std::move(*kept));
        });
}

void connector_state::watch_deadline(call_handle call, live_call& live) {
    const std::int64_t left = live.input.deadline_unix_ms - shared->ports.clock.unix_ms();
    live.timer = shared->ports.loop.run_after(std::max<std::int64_t>(left, 0), [call] {
        live_call* running = call_slots::find(call);
        if (running == nullptr) return;
        running->timer = 0;
        running->timed_out = true;
        running->owner->ask_to_end(call, *running);
    });
}

void connector_state::cancel(call_handle call) {
    live_call* live = call_slots::find(call);
    if (live != nullptr && live->owner.get() == this) ask_to_end(call, *live);
}

void connector_state::ask_to_end(call_handle call, live_call& live) {
    if (live.cancelling) return;
    live.cancelling = true;
    auto& loop = shared->ports.loop;
    if (live.timer != 0) loop.cancel(std::exchange(live.timer, 0));
    const std::string who = live.stats->connector + ", action " + live.stats->action;
    if (call_slots::claim_unstarted(call)) {
        call_outcome outcome;
        outcome.output_json =
            live.timed_out
                ? make_error(error_code::timeout, who + " could not start before its deadline", "")
                : make_error(error_code::cancelled, who + " was cancelled before it started", "");
        loop.post([call, state = shared_from_this(), outcome = std::move(outcome)]() mutable {
            state->finish(call, std::move(outcome), false);
        });
        return;
    }
    live.timer = loop.run_after(shared->options.grace_ms, [call] {
        live_call* running = call_slots::find(call);
        if (running == nullptr) return;
        running->timer = 0;
        running->owner->give_up(call);
    });
    if (library_.table->cancel != nullptr) {
        call_connector(call, *live.stats, [&] {
            library_.table->cancel(self_, call_slots::to_abi(call), live.connector_slot);
        });
    }
    live.operations.cancel_all();
}

// The slot stays: the connector still holds views of the input.
void connector_state::give_up(call_handle call) {
    live_call* live = call_slots::find(call);
    if (live == nullptr || !call_slots::abandon(call)) return;
    ++live->stats->missing;
    const std::string who = live->stats->connector + ", action " + live->stats->action;
    base::log(base::log_level::error, "a connector did not end a call in time; it was given up",
              {{"connector", live->stats->connector}, {"action", live->stats->action}});
    call_outcome outcome;
    outcome.output_json =
        live->timed_out
            ? make_error(error_code::timeout, who + " gave no result before its deadline", "")
            : make_error(error_code::cancelled, who + " was cancelled and gave no result", "");
    if (const auto own = isolated()) own->give_up(call_slots::to_abi(call));
    // By value: the call may end inside.
    const call_done done = std::exchange(live->done, {});
    done(std::move(outcome));
}

// ---- Shutdown -----------------------------------------------------------------------------------

void connector_state::close_when_idle(std::function<void()> done) {
    // Closed, and its close function has returned.
    if (status_ == load_status::closed && !on_closed_) {
        return shared->ports.loop.post(std::move(done));
    }
    if (on_closed_) {
        on_closed_ = [earlier = std::move(on_closed_), done = std::move(done)] {
            earlier();
            done();
        };
        return;
    }
    closing_ = true;
    on_closed_ = std::move(done);
    for (const call_handle call : call_slots::calls_of(*this))
        cancel(call);
    close_if_idle();
}

void connector_state::close_if_idle() {
    if (!closing_ || live_calls_ > 0 || status_ == load_status::loading ||
        status_ == load_status::closed) {
        return;
    }
    const bool open = status_ == load_status::ready;
    status_ = load_status::closed;
    auto report = [state = shared_from_this()] { std::exchange(state->on_closed_, {})(); };
    auto& loop = shared->ports.loop;
    if (!open) return loop.post(report);
    const bool queued = run_blocking([this, report, &loop]() mutable {
        sessions_->close_all();
        const current_call_scope scope(name.c_str(), "close");
        try {
            library_.table->close(self_);
        } catch (...) {
            base::log(base::log_level::error, "an exception left a connector's close function",
                      {{"connector", name}});
        }
        // Moved: the last owner must not be this thread, which belongs to the pool it would join.
        loop.post(std::move(report));
    });
    if (!queued) loop.post(report);
}

}  // namespace sluice::plugin
