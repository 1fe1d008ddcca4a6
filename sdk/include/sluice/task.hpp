// task<T>: a coroutine of a connector. It starts when it is awaited, runs on the strand of its
// call, and ends with a value or an exception.
#pragma once

#include <atomic>
#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace sluice {
inline namespace sdk {

template <class T = void>
class task;

namespace detail {

// The task and the coroutine that awaits it meet here. Whoever arrives second goes on with the
// awaiting coroutine, so a loop over tasks that end at once does not deepen the stack, and a task
// that ends on another thread while the first one is still leaving is safe.
class task_promise_base {
  public:
    struct final_awaiter {
        bool await_ready() const noexcept { return false; }
        template <class Promise>
        std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> ended) const noexcept {
            task_promise_base& promise = ended.promise();
            const std::coroutine_handle<> waiting = promise.waiting_;
            if (promise.arrive_second()) return waiting;
            return std::noop_coroutine();
        }
        void await_resume() const noexcept {}
    };

    std::suspend_always initial_suspend() const noexcept { return {}; }
    final_awaiter final_suspend() const noexcept { return {}; }
    void unhandled_exception() noexcept { error_ = std::current_exception(); }

    void set_waiting(std::coroutine_handle<> waiting) noexcept { waiting_ = waiting; }
    bool arrive_second() noexcept { return arrived_.exchange(true, std::memory_order_acq_rel); }
    void rethrow_error() const {
        if (error_) std::rethrow_exception(error_);
    }

  private:
    std::coroutine_handle<> waiting_;
    std::exception_ptr error_;
    std::atomic<bool> arrived_ = false;
};

template <class T>
class task_promise final : public task_promise_base {
  public:
    task<T> get_return_object() noexcept;
    template <class U>
    requires std::convertible_to<U&&, T>
    void return_value(U&& value) { value_.emplace(std::forward<U>(value)); }
    T take() {
        rethrow_error();
        return std::move(*value_);
    }

  private:
    std::optional<T> value_;
};

template <>
class task_promise<void> final : public task_promise_base {
  public:
    task<void> get_return_object() noexcept;
    void return_void() const noexcept {}
    void take() const { rethrow_error(); }
};

}  // namespace detail

template <class T>
class [[nodiscard]] task {
  public:
    using promise_type = detail::task_promise<T>;

    task(task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
    task& operator=(task&& other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~task() {
        if (handle_) handle_.destroy();
    }

    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> waiting) {
        handle_.promise().set_waiting(waiting);
        handle_.resume();
        return !handle_.promise().arrive_second();
    }
    T await_resume() { return handle_.promise().take(); }

  private:
    friend promise_type;
    explicit task(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}

    std::coroutine_handle<promise_type> handle_;
};

namespace detail {

template <class T>
task<T> task_promise<T>::get_return_object() noexcept {
    return task<T>(std::coroutine_handle<task_promise>::from_promise(*this));
}
inline task<void> task_promise<void>::get_return_object() noexcept {
    return task<void>(std::coroutine_handle<task_promise>::from_promise(*this));
}

}  // namespace detail
}  // namespace sdk
}  // namespace sluice
