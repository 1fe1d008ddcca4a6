#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "shaped_struct.hpp"
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
              const call_options& options, const mock_options& shape)
        : core(owner),
          input(std::move(input_text)),
          connection(std::move(connection_text)),
          key(options.idempotency_key),
          instance(options.instance),
          request(make_request(options), shape) {}
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
    const shaped_struct<sluice_request> request;
    void* slot = nullptr;
    call_result result;
    bool ended = false;
    bool cancelled = false;
    bool busy = false;                  // its strand runs now
    std::optional<unsigned> cancel_at;  // when the host asks it to end

  private:
    sluice_request make_request(const call_options& options) {
        sluice_request made{};
        made.size = sizeof(made);
        made.attempt = options.attempt;
        made.input_json = {input.data(), input.size()};
        made.connection_json = {connection.data(), connection.size()};
        made.idempotency_key = {key.data(), key.size()};
        made.deadline_unix_ms = options.deadline_unix_ms;
        made.slot = &slot;
        return made;
    }
};

}  // namespace sluice::testing
