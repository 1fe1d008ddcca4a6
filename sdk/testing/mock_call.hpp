#pragma once

#include <cstdint>
#include <string>

#include "sluice/abi.h"
#include "sluice/testing/call_result.hpp"
#include "sluice/testing/mock_host.hpp"

namespace sluice::testing {

class mock_core;

// One call. Lives as long as the mock host, so that late use of its handle is recognised. Except
// for what never changes, guarded by the core's mutex.
class mock_call {
  public:
    mock_call(mock_core& owner, std::string input_text, std::string connection_text,
              const call_options& options)
        : core(owner),
          input(std::move(input_text)),
          connection(std::move(connection_text)),
          key(options.idempotency_key),
          instance(options.instance) {
        request.size = sizeof(request);
        request.attempt = options.attempt;
        request.input_json = {input.data(), input.size()};
        request.connection_json = {connection.data(), connection.size()};
        request.idempotency_key = {key.data(), key.size()};
        request.deadline_unix_ms = options.deadline_unix_ms;
        request.slot = &slot;
    }
    mock_call(const mock_call&) = delete;
    mock_call& operator=(const mock_call&) = delete;

    static mock_call& from(sluice_call* handle) { return *reinterpret_cast<mock_call*>(handle); }
    sluice_call* handle() { return reinterpret_cast<sluice_call*>(this); }

    // Whose sessions the call may take.
    std::string session_owner() const { return instance + '\n' + connection; }

    mock_core& core;
    const std::string input;
    const std::string connection;
    const std::string key;
    const std::string instance;
    sluice_request request{};
    void* slot = nullptr;
    call_result result;
    bool ended = false;
    bool cancelled = false;
};

}  // namespace sluice::testing
