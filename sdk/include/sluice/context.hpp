// What an action knows about its call, and what it asks the host for.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sluice/abi.h"
#include "sluice/blob.hpp"
#include "sluice/detail/context_operations.hpp"
#include "sluice/detail/kept_session.hpp"
#include "sluice/host.hpp"
#include "sluice/http.hpp"
#include "sluice/input.hpp"
#include "sluice/json.hpp"
#include "sluice/state.hpp"

namespace sluice {
inline namespace sdk {

// One call of an action. Lives until the action has ended. Everything that is awaited throws a
// failure when it does not work; SLUICE_CANCELLED when the host wants the call to end.
class context {
  public:
    context(const host& owner, sluice_call* call, const sluice_request& request)
        : host_(owner), call_(call), request_(request) {
        if (request.connection_json.size != 0) {
            connection_ = json::parse(detail::to_view(request.connection_json));
        }
    }
    context(const context&) = delete;
    context& operator=(const context&) = delete;

    // {"type": ..., the fields of the connection with their secrets}; null when the task names
    // none.
    const json& connection() const noexcept { return connection_; }
    // A field of the connection; SLUICE_INVALID_INPUT when it is missing or empty.
    const std::string& connection_string(std::string_view field) const {
        const json& value = connection_[field];
        if (!value.is_string() || value.empty()) {
            throw failure(SLUICE_INVALID_INPUT,
                          "the connection has no '" + std::string(field) + "'");
        }
        return value.as_string();
    }
    // The same for every attempt of this step, also after a crash; different for every other step.
    std::string_view idempotency_key() const noexcept {
        return detail::to_view(request_.idempotency_key);
    }
    // 1 for the first try.
    unsigned attempt() const noexcept { return request_.attempt; }
    std::optional<std::int64_t> deadline_unix_ms() const noexcept {
        if (request_.deadline_unix_ms == 0) return std::nullopt;
        return request_.deadline_unix_ms;
    }
    // The time of day by the host's clock. Any thread.
    std::chrono::sys_time<std::chrono::milliseconds> now() const { return host_.now(); }
    // Whether the host would like the call to end. Any thread; what runs long should look.
    bool cancelled() const noexcept { return cancelled_.load(std::memory_order_relaxed); }

    // A line in the execution's log; fields: an object. Any thread.
    void log(log_level level, std::string_view message, const json& fields = json()) const {
        host_.write_log(call_, level, message, fields);
    }

    // co_await: http_response, whatever its status. No answer is a failure.
    detail::http_operation http(http_request request) const {
        return detail::http_operation(host_, call_, std::move(request));
    }
    // The same for blocking actions (never in a coroutine: it would wait for itself).
    http_response http_wait(const http_request& request) const {
        return detail::blocking_http(host_, call_).send(request);
    }
    // co_await
    detail::sleep_operation sleep(std::chrono::milliseconds delay) const {
        const auto ms = static_cast<std::uint64_t>(std::max<std::int64_t>(delay.count(), 0));
        return detail::sleep_operation(host_.timer(), call_, ms);
    }
    // co_await: the result of function(), which may block and runs on the connector's pool.
    // Exceptions come back. Keep the function in a named variable: GCC 12 mishandles lambdas with
    // captures inside co_await expressions.
    template <class Function>
    detail::off_loop_operation<Function> off_loop(Function function) const {
        return detail::off_loop_operation<Function>(host_.work(), call_, std::move(function));
    }

    state_store state() const { return state_store(host_.state(), call_); }

    // A new empty blob: write, seal, then put its reference() into the output.
    blob create_blob(std::string content_type) const {
        const sluice_blob_1& service = host_.blob();
        sluice_blob* made = service.create(call_, detail::to_str(content_type));
        if (made == nullptr) throw failure(SLUICE_UNAVAILABLE, "the host cannot make a blob now");
        return blob(&service, call_, made, std::move(content_type));
    }
    // The blob of a {"$blob": ...} in the input; SLUICE_INVALID_INPUT when there is none.
    blob find_blob(const json& reference) const {
        const sluice_blob_1& service = host_.blob();
        const std::string id = reference.get_or("$blob", "");
        sluice_blob* found = id.empty() ? nullptr : service.find(call_, detail::to_str(id));
        if (found == nullptr) {
            throw failure(SLUICE_INVALID_INPUT, "the input refers to a file that does not exist");
        }
        return blob(&service, call_, found, reference.get_or("contentType", ""));
    }

    // An idle session that an earlier call with the same values of the connection, for the same
    // instance, has kept; it belongs to this call alone. Null: open one. Any thread.
    template <class Session>
    std::unique_ptr<Session> take_session(std::string_view key) const {
        return detail::take_session<Session>(host_.session(), call_, key);
    }
    // Lends it to later calls. The host destroys it on the blocking pool when it was idle that long
    // (ten minutes at most), when there are too many, and before the connector closes. Not a broken
    // one: let that go. On a host without sessions it is destroyed now. Any thread.
    template <class Session>
    void keep_session(std::string_view key, std::unique_ptr<Session> session,
                      std::chrono::milliseconds idle) const {
        detail::keep_session(host_.session(), call_, key, std::move(session), idle);
    }

    const sdk::host& host() const noexcept { return host_; }

    // For the SDK: the host asked the call to end.
    void mark_cancelled() noexcept { cancelled_.store(true, std::memory_order_relaxed); }
    std::string_view input_text() const noexcept { return detail::to_view(request_.input_json); }

  private:
    const sdk::host& host_;
    sluice_call* call_;
    const sluice_request& request_;
    json connection_;
    std::atomic<bool> cancelled_ = false;
};

}  // namespace sdk
}  // namespace sluice
