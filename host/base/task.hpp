// task<T>: the host's coroutine. Lazy, single consumer, belongs to one thread (the event loop).
#pragma once

#include <coroutine>
#include <functional>
#include <optional>
#include <utility>

#include "base/panic.hpp"

namespace sluice::base {

template <class T>
class task;

namespace detail {

struct final_awaiter {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> done) const noexcept {
        if (done.promise().starting_) return std::noop_coroutine();
        return done.promise().continuation_;
    }
    void await_resume() const noexcept {}
};

struct promise_base {
    std::coroutine_handle<> continuation_;
    // True while the waiting coroutine is still on the stack below: a task that ends at once is
    // then continued by returning, so that long loops over such tasks need no stack. (Compilers
    // turn symmetric transfer into a jump in optimised builds only.)
    bool starting_ = false;
    std::suspend_always initial_suspend() const noexcept { return {}; }
    final_awaiter final_suspend() const noexcept { return {}; }
    // Host code reports errors as values; an exception here is a bug of ours.
    [[noreturn]] void unhandled_exception() const noexcept {
        panic("an exception escaped from a host coroutine");
    }
};

template <class T>
struct promise final : promise_base {
    std::optional<T> value_;
    task<T> get_return_object();
    void return_value(T value) { value_.emplace(std::move(value)); }
    T take() { return std::move(*value_); }
};

template <>
struct promise<void> final : promise_base {
    task<void> get_return_object();
    void return_void() const noexcept {}
    void take() const noexcept {}
};

}  // namespace detail

template <class T = void>
class [[nodiscard]] task {
  public:
    using promise_type = detail::promise<T>;
    using handle_type = std::coroutine_handle<promise_type>;

    explicit task(handle_type handle) : handle_(handle) {}
    task(task&& other) noexcept : handle_(std::exchange(other.handle_, {})) {}
    task& operator=(task&& other) noexcept {
        if (this != &other) {
            if (handle_) handle_.destroy();
            handle_ = std::exchange(other.handle_, {});
        }
        return *this;
    }
    task(const task&) = delete;
    task& operator=(const task&) = delete;
    ~task() {
        if (handle_) handle_.destroy();
    }

    bool await_ready() const noexcept { return false; }
    bool await_suspend(std::coroutine_handle<> waiting) {
        promise_type& state = handle_.promise();
        state.continuation_ = waiting;
        state.starting_ = true;
        handle_.resume();
        state.starting_ = false;
        return !handle_.done();
    }
    T await_resume() { return handle_.promise().take(); }

  private:
    handle_type handle_;
};

namespace detail {

template <class T>
task<T> promise<T>::get_return_object() {
    return task<T>(std::coroutine_handle<promise<T>>::from_promise(*this));
}
inline task<void> promise<void>::get_return_object() {
    return task<void>(std::coroutine_handle<promise<void>>::from_promise(*this));
}

struct detached {
    struct promise_type {
        detached get_return_object() const noexcept { return {}; }
        std::suspend_never initial_suspend() const noexcept { return {}; }
        std::suspend_never final_suspend() const noexcept { return {}; }
        void return_void() const noexcept {}
        [[noreturn]] void unhandled_exception() const noexcept {
            panic("an exception escaped from a host coroutine");
        }
    };
};

}  // namespace detail

// Starts the task now; nobody waits for it. Its frame lives until it ends.
inline void spawn(task<void> work) {
    [](task<void> owned) -> detail::detached { co_await std::move(owned); }(std::move(work));
}

// A task that runs for its owner: starts at once; when the owner lets go of it before its end, its
// frames and those of the tasks it waits for are destroyed where they stand. What they waited for
// must not call back afterwards.
class owned_task {
  public:
    explicit owned_task(task<void> work) : handle_(run(std::move(work)).handle) {}
    owned_task(const owned_task&) = delete;
    owned_task& operator=(const owned_task&) = delete;
    ~owned_task() { handle_.destroy(); }

  private:
    struct root {
        struct promise_type {
            root get_return_object() noexcept {
                return {std::coroutine_handle<promise_type>::from_promise(*this)};
            }
            std::suspend_never initial_suspend() const noexcept { return {}; }
            std::suspend_always final_suspend() const noexcept { return {}; }
            void return_void() const noexcept {}
            [[noreturn]] void unhandled_exception() const noexcept {
                panic("an exception escaped from a host coroutine");
            }
        };
        std::coroutine_handle<promise_type> handle;
    };
    static root run(task<void> work) { co_await std::move(work); }

    std::coroutine_handle<> handle_;
};

// Turns a callback into something to await: `start` receives a function that must be called exactly
// once, later and on the thread that is to resume the coroutine (in the host: the event loop).
//   auto reply = co_await callback_awaiter<result<http_reply>>([&](auto done) { send(..., done);
//   });
template <class T>
class [[nodiscard]] callback_awaiter {
  public:
    using done_function = std::function<void(T)>;
    explicit callback_awaiter(std::function<void(done_function)> start)
        : start_(std::move(start)) {}

    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<> waiting) {
        start_([this, waiting](T value) {
            value_.emplace(std::move(value));
            waiting.resume();
        });
    }
    T await_resume() { return std::move(*value_); }

  private:
    std::function<void(done_function)> start_;
    std::optional<T> value_;
};

}  // namespace sluice::base
