#include "plugin/strand.hpp"

#include <atomic>

#include "base/log.hpp"
#include "plugin/connector_state.hpp"

namespace sluice::plugin {

bool post_to_strand(call_handle call, std::function<void(live_call&)> work) {
    base::event_loop* loop = nullptr;
    call_slots::with(call, [&](const live_call& live) { loop = &live.owner->shared->ports.loop; });
    if (loop == nullptr) return false;
    loop->post([call, work = std::move(work)] {
        if (live_call* live = call_slots::find(call)) work(*live);
    });
    return true;
}

void post_for_connector(call_handle call, std::function<void(live_call&)> work) {
    if (post_to_strand(call, std::move(work))) return;
    const char* connector = current_call_of_thread().connector;
    base::log(base::log_level::warning, "a connector used a call that is over",
              {{"connector", connector ? connector : "unknown"}});
}

void report_exception(call_handle call, action_stats& who, const std::string& what) {
    ++who.exceptions;
    base::log(base::log_level::error, "an exception left a connector",
              {{"connector", who.connector}, {"action", who.action}, {"what", what}});
    fail_call(call, base::make_error(base::error_code::internal,
                                     "an exception left " + who.connector + ", action " +
                                         who.action + ": " + what,
                                     "This is a bug in the connector; tell its author."));
}

store::event_id execution_of(call_handle call) {
    store::event_id found = 0;
    call_slots::with(call, [&](const live_call& live) { found = live.input.scope.execution; });
    return found;
}

void end_call(call_handle call, call_slots::claim_result claimed, call_outcome outcome) {
    const bool late = claimed.what == call_slots::arrival::late;
    // Moved, so that no thread of the connector's pool ever holds the last owner and would have to
    // wait for itself.
    auto owner = std::move(claimed.owner);
    auto& loop = owner->shared->ports.loop;
    loop.post([call, late, owner = std::move(owner), outcome = std::move(outcome)]() mutable {
        owner->finish(call, std::move(outcome), late);
    });
}

void fail_call(call_handle call, base::error failure) {
    auto claimed = call_slots::claim_for_host(call);
    if (!claimed.owner) return;
    call_outcome outcome;
    outcome.output_json = std::move(failure);
    end_call(call, std::move(claimed), std::move(outcome));
}

std::uint64_t next_operation() {
    static std::atomic<std::uint64_t> last{0};
    return ++last;
}

void answer_operation(call_handle call, std::uint64_t id, const std::function<void()>& answer) {
    live_call* live = call_slots::find(call);
    if (live == nullptr || !live->operations.take(id)) return;
    call_connector(call, *live->stats, answer);
}

base::error cancelled_before_it_began() {
    return base::make_error(base::error_code::cancelled,
                            "the call had been cancelled before this was asked for");
}

void post_answer(call_handle call, std::uint64_t id, std::function<void()> answer) {
    post_to_strand(call, [call, id, answer = std::move(answer)](live_call&) {
        answer_operation(call, id, answer);
    });
}

}  // namespace sluice::plugin
