#pragma once

#include <coroutine>
#include <optional>

#include "sluice/failure.hpp"

namespace sluice {
inline namespace sdk {
namespace detail {

// One host operation that a coroutine awaits. It lives in the frame of that coroutine, and its
// address is the `user` of the done function, so it neither moves nor is copied.
//
// Everything that the done function needs is stored before the host is called, and nothing is
// touched after that call: when the host completes on another thread, the coroutine may have gone
// on, and this object be gone, before the host's function returns.
class operation {
  public:
    operation(const operation&) = delete;
    operation& operator=(const operation&) = delete;
    bool await_ready() const noexcept { return false; }

  protected:
    operation() = default;
    ~operation() = default;

    void wait_as(std::coroutine_handle<> waiting) noexcept { waiting_ = waiting; }
    // The last thing a done function does.
    void finish(const sluice_error* error) noexcept {
        if (error != nullptr) error_.emplace(*error);
        waiting_.resume();
    }
    void throw_error() const {
        if (error_) throw failure(*error_);
    }
    const std::optional<failure>& error() const noexcept { return error_; }

  private:
    std::coroutine_handle<> waiting_;
    std::optional<failure> error_;
};

}  // namespace detail
}  // namespace sdk
}  // namespace sluice
