// The host, as a connector's constructor sees it.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "sluice/abi.h"
#include "sluice/failure.hpp"
#include "sluice/json.hpp"

namespace sluice {
inline namespace sdk {

enum class log_level : std::uint32_t {
    debug = SLUICE_LOG_DEBUG,
    info = SLUICE_LOG_INFO,
    warning = SLUICE_LOG_WARNING,
    error = SLUICE_LOG_ERROR
};

// Lives as long as the connector object. Any thread.
class host {
  public:
    explicit host(const sluice_host* table)
        : table_(table),
          http_(find<sluice_http_1>("sluice.http/1")),
          blob_(find<sluice_blob_1>("sluice.blob/1")),
          state_(find<sluice_state_1>("sluice.state/1")),
          work_(find<sluice_work_1>("sluice.work/1")),
          timer_(find<sluice_timer_1>("sluice.timer/1")),
          clock_(find<sluice_clock_1>("sluice.clock/1")),
          session_(find<sluice_session_1>("sluice.session/1")) {}
    host(const host&) = delete;
    host& operator=(const host&) = delete;

    // Whether this host has a service such as "sluice.timer/1" (`id` ends with NUL).
    bool has(const char* id) const { return table_->service(table_, id) != nullptr; }

    // A line in the host's log that belongs to no call.
    void log(log_level level, std::string_view message, const json& fields = json()) const {
        write_log(nullptr, level, message, fields);
    }

    const sluice_host& table() const noexcept { return *table_; }
    // The services; SLUICE_UNSUPPORTED when this host does not have it.
    const sluice_http_1& http() const { return require(http_, "sluice.http/1"); }
    const sluice_blob_1& blob() const { return require(blob_, "sluice.blob/1"); }
    const sluice_state_1& state() const { return require(state_, "sluice.state/1"); }
    const sluice_work_1& work() const { return require(work_, "sluice.work/1"); }
    const sluice_timer_1& timer() const { return require(timer_, "sluice.timer/1"); }
    // What time it is by the host's clock: for deadlines and ages, not for durations.
    std::chrono::sys_time<std::chrono::milliseconds> now() const {
        const sluice_clock_1& clock = require(clock_, "sluice.clock/1");
        return std::chrono::sys_time<std::chrono::milliseconds>(
            std::chrono::milliseconds(clock.unix_ms(table_)));
    }
    // Null when this host does not have it: then every call opens a session of its own.
    const sluice_session_1* session() const noexcept { return session_; }

    void write_log(sluice_call* call, log_level level, std::string_view message,
                   const json& fields) const {
        const std::string text = fields.is_object() ? fields.dump() : std::string();
        table_->log(table_, call, static_cast<std::uint32_t>(level), detail::to_str(message),
                    detail::to_str(text));
    }

  private:
    template <class Service>
    const Service* find(const char* id) const {
        return static_cast<const Service*>(table_->service(table_, id));
    }
    template <class Service>
    static const Service& require(const Service* service, const char* id) {
        if (service == nullptr) {
            throw failure(SLUICE_UNSUPPORTED, std::string("this host has no service ") + id);
        }
        return *service;
    }

    const sluice_host* table_;
    const sluice_http_1* http_;
    const sluice_blob_1* blob_;
    const sluice_state_1* state_;
    const sluice_work_1* work_;
    const sluice_timer_1* timer_;
    const sluice_clock_1* clock_;
    const sluice_session_1* session_;
};

}  // namespace sdk
}  // namespace sluice
