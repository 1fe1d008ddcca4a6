// A call on its way to a runner, and what the runner has asked of the host for it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "plugin/frame.hpp"
#include "sluice/abi.h"

namespace sluice::plugin {

class runner_session;
struct isolated_call;

// `user` of the host's done functions. Lives until its call's end has passed the loop, so that a
// done function that runs at that moment finds it.
struct isolated_operation {
    std::weak_ptr<runner_session> session;
    isolated_call* of = nullptr;
    std::uint64_t number = 0;
    frame_service service = frame_service::http;
    std::uint64_t host_operation = 0;  // of http and timers, once it is known
    std::string buffer;                // of blob_read and blob_write
    std::shared_ptr<void> memory;      // of request_memory
};

struct isolated_call {
    std::uint64_t number = 0;
    sluice_call* handle = nullptr;
    const sluice_request* request = nullptr;  // lives until the call's end
    std::string action;
    std::string instance;
    bool idempotent = false;
    bool verifier = false;
    std::weak_ptr<runner_session> session;  // that has it or had it last; the loop's
    bool given_up = false;  // by the host: its end will not be waited for; the loop's
    // Guarded by the mutex of the session that runs it; otherwise the loop's.
    bool begun = false;
    std::map<std::uint64_t, std::unique_ptr<isolated_operation>> operations;
    // Of a runner that died; the host may still answer them.
    std::vector<std::unique_ptr<isolated_operation>> forgotten;
};

using isolated_call_ptr = std::shared_ptr<isolated_call>;

}  // namespace sluice::plugin
