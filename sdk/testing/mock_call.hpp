#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "shaped_struct.hpp"
#include "sluice/abi.h"
#include "sluice/testing/call_result.hpp"
#include "sluice/testing/mock_host.hpp"

namespace sluice::testing {

class mock_core;

// One call. Its handle is a number and never its address, so that late use is recognised also when
// the call is forgotten. Except for what never changes, guarded by the core's mutex.
class mock_call {
  public:
    mock_call(mock_core& owner, std::uint64_t its_number, std::string input_text,
              std::string connection_text, const call_options& options, const mock_options& shape)
        : core(owner),
          number(its_number),
          input(std::move(input_text)),
          connection(std::move(connection_text)),
          key(options.idempotency_key),
          instance(options.instance),
          request(make_request(options), shape) {}
    mock_call(const mock_call&) = delete;
    mock_call& operator=(const mock_call&) = delete;

    // The call that is meant, or null when its host does not remember it.
    static std::shared_ptr<mock_call> find(sluice_call* handle);
    // The same for functions that nobody may call after the end: that is told to the host.
    static std::shared_ptr<mock_call> expect(sluice_call* handle);
    sluice_call* handle() const { return reinterpret_cast<sluice_call*>(number); }

    // Whose sessions the call may take.
    std::string session_owner() const { return instance + '\n' + connection; }

    mock_core& core;
    const std::uint64_t number;
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
