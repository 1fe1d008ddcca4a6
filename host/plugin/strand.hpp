// The strand of a call: the loop's thread, as long as the call is not over.
#pragma once

#include <exception>
#include <functional>
#include <string>
#include <utility>

#include "plugin/call_slots.hpp"
#include "plugin/current_call.hpp"
#include "plugin/running_record.hpp"

namespace sluice::plugin {

// Runs `work` on the loop, unless the call is over by then. Any thread. False when it is over now.
bool post_to_strand(call_handle call, std::function<void(live_call&)> work);

// The same at a connector's request: a call that is over is logged, because the connector should
// have forgotten it.
void post_for_connector(call_handle call, std::function<void(live_call&)> work);

// A C++ exception left the connector: counted, named in the log, and the call fails. Any thread.
void report_exception(call_handle call, action_stats& who, const std::string& what);

// Which execution the call is a step of; 0: none, or the call is over. Any thread.
store::event_id execution_of(call_handle call);

// Calls into the connector on behalf of a call; nothing thrown comes out.
template <class Function>
void call_connector(call_handle call, action_stats& who, Function&& function) {
    const current_call_scope scope(who.connector.c_str(), who.action.c_str());
    const running_scope running(execution_of(call));
    try {
        std::forward<Function>(function)();
    } catch (const std::exception& thrown) {
        report_exception(call, who, thrown.what());
    } catch (...) {
        report_exception(call, who, "not a std::exception");
    }
}

// Takes a claimed call to its end on the loop. Any thread.
void end_call(call_handle call, call_slots::claim_result claimed, call_outcome outcome);

// Ends a call on the host's side, with `failure`; nothing when it is over. Any thread.
void fail_call(call_handle call, base::error failure);

// ---- Operations of services (http, timer, ...) -------------------------------------------------

// Any thread; never 0, never the same again in this process.
std::uint64_t next_operation();

// An answer to operation `id` may go to the connector now: runs `answer` as a call into the
// connector. Nothing when the operation was answered before or the call is over. Loop thread.
void answer_operation(call_handle call, std::uint64_t id, const std::function<void()>& answer);

// What an operation ends with that is asked for after the call's cancel.
base::error cancelled_before_it_began();

// The same as answer_operation, later.
void post_answer(call_handle call, std::uint64_t id, std::function<void()> answer);

}  // namespace sluice::plugin
