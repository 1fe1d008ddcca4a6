// Everything about one running call.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/event_loop.hpp"
#include "plugin/action_stats.hpp"
#include "plugin/call.hpp"
#include "sluice/abi.h"

namespace sluice::plugin {

class connector_state;

inline std::string_view to_view(sluice_str text) {
    return text.data == nullptr ? std::string_view() : std::string_view(text.data, text.size);
}
inline sluice_str to_abi(std::string_view text) { return {text.data(), text.size()}; }

// What a call has asked of the host and what has not been answered yet.
class pending_operations {
  public:
    void add(std::uint64_t id, std::function<void()> cancel) {
        pending_.emplace_back(id, std::move(cancel));
    }
    // True once per operation: its answer may go to the connector.
    bool take(std::uint64_t id) {
        return std::erase_if(pending_, [&](const auto& entry) { return entry.first == id; }) > 0;
    }
    // Asks one operation to give up. Its answer still comes.
    void cancel(std::uint64_t id) {
        for (const auto& [known, give_up] : std::vector(pending_)) {
            if (known == id) give_up();
        }
    }
    void cancel_all() {
        for (const auto& [id, give_up] : std::vector(pending_))
            give_up();
    }
    // Gives up without an answer: the call is over.
    void drop_all() {
        for (const auto& [id, give_up] : std::exchange(pending_, {}))
            give_up();
    }

  private:
    std::vector<std::pair<std::uint64_t, std::function<void()>>> pending_;
};

// Made and destroyed on the loop's thread. Members up to `done` do not change while the call runs
// and may be read on any thread under its slot's lock (call_slots.hpp); the rest belongs to the
// loop.
struct live_call {
    std::shared_ptr<connector_state> owner;
    std::shared_ptr<action_stats> stats;
    const sluice_action* action = nullptr;  // set before the call starts
    call_request input;                     // keeps the views of `request` alive
    sluice_request request = {};
    void* connector_slot = nullptr;  // where request.slot points

    call_done done;
    std::uint64_t timer = 0;  // deadline, then grace; 0: none
    bool cancelling = false;
    bool timed_out = false;
    pending_operations operations;
};

}  // namespace sluice::plugin
