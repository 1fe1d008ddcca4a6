// A call inside the runner, and the list by which a connector's handle finds it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "plugin/frame.hpp"
#include "sluice/abi.h"

namespace sluice::runner {

class core;

// On the strand: what came, or why nothing will.
using operation_answer =
    std::function<void(const sluice_error* error, plugin::frame_reader& answer)>;

struct runner_operation {
    operation_answer answer;
    std::function<void()> cancel;  // of those that run here; empty: the host's
};

struct runner_call {
    std::weak_ptr<core> of;
    std::uint64_t number = 0;  // the host's
    sluice_call* handle = nullptr;
    const sluice_action* action = nullptr;
    std::string input;
    std::string connection;
    std::string idempotency_key;
    std::string instance;
    bool verifier = false;
    sluice_request request = {};
    void* slot = nullptr;
    std::atomic<bool> over{false};
    std::atomic<bool> cancelling{false};
    std::atomic<bool> entered{false};
    std::map<std::uint64_t, runner_operation> operations;  // under the core's mutex
};
using runner_call_ptr = std::shared_ptr<runner_call>;

// All calls of this process by their handle, which is a number and never followed. Any thread.
namespace call_list {

// Sets the handle.
void add(const runner_call_ptr& call);
void remove(sluice_call* handle);
runner_call_ptr find(sluice_call* handle);  // null: over, or never there
// Where a call that is over came from, for a while; for completions that come again.
struct former {
    std::weak_ptr<core> of;
    std::uint64_t number = 0;
};
former find_former(sluice_call* handle);

}  // namespace call_list

// Whose connector's code this thread runs.
std::weak_ptr<core>& core_of_thread();

}  // namespace sluice::runner
