// What context::http, http_wait, sleep and off_loop do.
#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <type_traits>
#include <utility>

#include "sluice/detail/blocking_wait.hpp"
#include "sluice/detail/operation.hpp"
#include "sluice/host.hpp"
#include "sluice/http.hpp"

namespace sluice {
inline namespace sdk {
namespace detail {

// Copies what the host only lends.
inline http_response copy_response(const host& from, sluice_call* call,
                                   const sluice_http_response& lent) {
    http_response copy(lent.status, to_view(lent.headers), to_view(lent.body));
    if (lent.body_blob != nullptr) {
        from.blob().retain(lent.body_blob);
        copy.body_blob =
            blob(&from.blob(), call, lent.body_blob, std::string(copy.header("Content-Type")));
    }
    return copy;
}

class http_operation final : public operation {
  public:
    http_operation(const host& owner, sluice_call* call, http_request request)
        : host_(owner), service_(owner.http()), call_(call), request_(std::move(request)) {}
    void await_suspend(std::coroutine_handle<> waiting) {
        wait_as(waiting);
        const sluice_http_request request = request_.as_request();
        service_.send(call_, &request, &done, this);
    }
    http_response await_resume() {
        throw_error();
        if (copying_) std::rethrow_exception(copying_);
        return std::move(response_);
    }

  private:
    static void SLUICE_CALL done(void* user, const sluice_error* error,
                                 const sluice_http_response* response) noexcept {
        auto& self = *static_cast<http_operation*>(user);
        if (error == nullptr) {
            try {
                self.response_ = copy_response(self.host_, self.call_, *response);
            } catch (...) {
                self.copying_ = std::current_exception();
            }
        }
        self.finish(error);
    }
    const host& host_;
    const sluice_http_1& service_;
    sluice_call* call_;
    http_request request_;
    http_response response_;
    std::exception_ptr copying_;
};

// For blocking actions: the pool's thread waits while the reply arrives on the strand.
class blocking_http {
  public:
    blocking_http(const host& owner, sluice_call* call) : host_(owner), call_(call) {}
    http_response send(const http_request& what) {
        const sluice_http_request request = what.as_request();
        host_.http().send(call_, &request, &done, this);
        wait_.wait();
        return std::move(response_);
    }

  private:
    static void SLUICE_CALL done(void* user, const sluice_error* error,
                                 const sluice_http_response* response) noexcept {
        auto& self = *static_cast<blocking_http*>(user);
        self.wait_.finish(
            error, [&] { self.response_ = copy_response(self.host_, self.call_, *response); });
    }
    const host& host_;
    sluice_call* call_;
    http_response response_;
    blocking_wait wait_;
};

class sleep_operation final : public operation {
  public:
    sleep_operation(const sluice_timer_1& service, sluice_call* call, std::uint64_t delay_ms)
        : service_(service), call_(call), delay_ms_(delay_ms) {}
    void await_suspend(std::coroutine_handle<> waiting) {
        wait_as(waiting);
        service_.after(call_, delay_ms_, &done, this);
    }
    void await_resume() const { throw_error(); }

  private:
    static void SLUICE_CALL done(void* user, const sluice_error* error) noexcept {
        static_cast<sleep_operation*>(user)->finish(error);
    }
    const sluice_timer_1& service_;
    sluice_call* call_;
    std::uint64_t delay_ms_;
};

template <class Function>
class off_loop_operation final : public operation {
  public:
    using result_type = std::invoke_result_t<Function&>;

    off_loop_operation(const sluice_work_1& service, sluice_call* call, Function function)
        : service_(service), call_(call), function_(std::move(function)) {}
    void await_suspend(std::coroutine_handle<> waiting) {
        wait_as(waiting);
        service_.run(call_, &run, &done, this);
    }
    result_type await_resume() {
        throw_error();
        if (thrown_) std::rethrow_exception(thrown_);
        if constexpr (!std::is_void_v<result_type>) return std::move(*result_);
    }

  private:
    static void SLUICE_CALL run(void* user) noexcept {
        auto& self = *static_cast<off_loop_operation*>(user);
        try {
            if constexpr (std::is_void_v<result_type>) {
                self.function_();
            } else {
                self.result_.emplace(self.function_());
            }
        } catch (...) {
            self.thrown_ = std::current_exception();
        }
    }
    static void SLUICE_CALL done(void* user, const sluice_error* error) noexcept {
        static_cast<off_loop_operation*>(user)->finish(error);
    }
    using storage_type =
        std::optional<std::conditional_t<std::is_void_v<result_type>, bool, result_type>>;
    const sluice_work_1& service_;
    sluice_call* call_;
    Function function_;
    storage_type result_;
    std::exception_ptr thrown_;
};

}  // namespace detail
}  // namespace sdk
}  // namespace sluice
