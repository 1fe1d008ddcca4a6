// Turns the opaque `sluice_call*` of the ABI into a running call, and recognises handles whose call
// is over.
//
// A handle is never followed: it is a slot's number and the slot's generation, packed into the
// pointer's bits. complete(call, ...) of the ABI brings no other context than this handle, so there
// is one table for the process. Slots are made when needed and never freed, therefore a thread of a
// connector may come back at any time, also while the process ends.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "plugin/action_stats.hpp"
#include "plugin/call.hpp"
#include "plugin/live_call.hpp"
#include "sluice/abi.h"

namespace sluice::plugin::call_slots {

inline sluice_call* to_abi(call_handle call) {
    return reinterpret_cast<sluice_call*>(static_cast<std::uintptr_t>(call));
}
inline call_handle from_abi(const sluice_call* call) {
    return static_cast<call_handle>(reinterpret_cast<std::uintptr_t>(call));
}

// What a completion means for the call it names.
enum class arrival : std::uint8_t {
    first,    // the call is over now; its live_call stays until close()
    late,     // the host had given up; likewise
    second,   // it was over already
    unknown,  // no call of this host, or one of long ago
};
struct claim_result {
    arrival what = arrival::unknown;
    std::shared_ptr<action_stats> stats;     // null when unknown
    std::shared_ptr<connector_state> owner;  // for first and late
};

// Loop thread of the call's owner:
call_handle open(std::unique_ptr<live_call> call);
// Null once the call is over (not when it is merely abandoned: its strand still runs).
live_call* find(call_handle call);
// The host gives up; a later completion is `late`. False when the call is over.
bool abandon(call_handle call);
// Frees the slot of a call that is over.
std::unique_ptr<live_call> close(call_handle call);
// Calls of one connector that are not over.
std::vector<call_handle> calls_of(const connector_state& owner);

// Any thread:
// Ends the call for everybody but the first to ask.
claim_result claim(call_handle call);
// The same for the host's own reasons: not counted as a completion when the call is over.
claim_result claim_for_host(call_handle call);
// The same, unless the connector has been entered (see enter): then false.
bool claim_unstarted(call_handle call);
// The call is about to be handed to the connector; false when it is over. `use` runs under the
// slot's lock.
bool enter(call_handle call, const std::function<void(live_call&)>& use);
// Runs `use` under the slot's lock, which must not call into this module; false when the call is
// over.
bool with(call_handle call, const std::function<void(const live_call&)>& use);
// Completions of unknown handles in this process.
std::uint64_t unknown_completions();

}  // namespace sluice::plugin::call_slots
