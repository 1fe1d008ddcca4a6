// One opened connector and its running calls.
#pragma once

#include <algorithm>
#include <concepts>
#include <coroutine>
#include <exception>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sluice/context.hpp"
#include "sluice/task.hpp"

namespace sluice {
inline namespace sdk {
namespace detail {

// How a call ended. send() is the last thing that happens for a call: the host may close the
// connector as soon as it returns.
class outcome {
  public:
    outcome(const sluice_host& host, sluice_call* call) : host_(&host), call_(call) {}
    void succeed(std::string output) { output_ = std::move(output); }
    void fail_with_current_exception() noexcept { error_ = current_failure(); }
    void send() const noexcept {
        if (error_) {
            const sluice_error error = error_->as_error();
            host_->fail(call_, &error);
        } else {
            host_->complete(call_, to_str(output_));
        }
    }

  private:
    const sluice_host* host_;
    sluice_call* call_;
    std::string output_;
    std::optional<failure> error_;
};

// The outermost coroutine of a call: owns everything of it and reports how it ended after all of
// that is gone.
class root {
  public:
    class promise_type {
      public:
        root get_return_object() noexcept {
            return root(std::coroutine_handle<promise_type>::from_promise(*this));
        }
        std::suspend_always initial_suspend() const noexcept { return {}; }
        auto final_suspend() const noexcept { return reporter(); }
        void return_value(std::string output) { outcome_->succeed(std::move(output)); }
        void unhandled_exception() noexcept { outcome_->fail_with_current_exception(); }

      private:
        friend root;
        std::optional<outcome> outcome_;
    };

    void start(const sluice_host& host, sluice_call* call) {
        handle_.promise().outcome_.emplace(host, call);
        handle_.resume();
    }

  private:
    class reporter {
      public:
        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<promise_type> ended) const noexcept {
            const outcome result = std::move(*ended.promise().outcome_);
            ended.destroy();  // this object too: only locals from here
            result.send();
        }
        void await_resume() const noexcept {}
    };
    explicit root(std::coroutine_handle<promise_type> handle) noexcept : handle_(handle) {}
    std::coroutine_handle<promise_type> handle_;
};

// The blocking calls that run now. Their cancel comes on the strand while they run, and end, on a
// thread of the pool; so a cancel looks its call up here instead of following a pointer.
class blocking_calls {
  public:
    void add(sluice_call* call, context& running) {
        const std::lock_guard lock(mutex_);
        running_.emplace(call, &running);
        const auto early = std::find(early_.begin(), early_.end(), call);
        if (early == early_.end()) return;
        early_.erase(early);
        running.mark_cancelled();
    }
    void remove(sluice_call* call) noexcept {
        const std::lock_guard lock(mutex_);
        running_.erase(call);
    }
    void cancel(sluice_call* call) noexcept {
        const std::lock_guard lock(mutex_);
        if (const auto found = running_.find(call); found != running_.end()) {
            found->second->mark_cancelled();
            return;
        }
        // It is about to begin, or has ended a moment ago. Nobody can tell which, so the latest few
        // are kept in mind.
        try {
            if (early_.size() == most_early) early_.erase(early_.begin());
            early_.push_back(call);
        } catch (...) {
            // Without memory it is not told; the host ends its operations all the same.
        }
    }

  private:
    static constexpr std::size_t most_early = 64;

    std::mutex mutex_;
    std::unordered_map<sluice_call*, context*> running_;
    std::vector<sluice_call*> early_;  // cancelled, and not among those that run
};

template <class Connector>
class instance {
  public:
    explicit instance(const sluice_host* table) : host_(table), connector_(make(host_)) {}

    template <class Function>
    void start_coroutine(Function function, sluice_call* call, const sluice_request* request) {
        auto running = std::make_unique<context>(host_, call, *request);
        *request->slot = running.get();
        run(std::move(running), connector_, function).start(host_.table(), call);
    }

    template <class Function>
    void run_blocking(Function function, sluice_call* call, const sluice_request* request) {
        outcome result(host_.table(), call);
        try {
            context running(host_, call, *request);
            const registration registered(blocking_, call, running);
            const json input = json::parse(running.input_text());
            result.succeed((connector_.*function)(running, input).dump());
        } catch (...) {
            result.fail_with_current_exception();
        }
        result.send();
    }

    void cancel(sluice_call* call, void* slot) noexcept {
        if (slot != nullptr) {
            static_cast<context*>(slot)->mark_cancelled();
        } else {
            blocking_.cancel(call);
        }
    }

    const sluice_host& host_table() const noexcept { return host_.table(); }

  private:
    class registration {
      public:
        registration(blocking_calls& all, sluice_call* call, context& running)
            : all_(all), call_(call) {
            all_.add(call, running);
        }
        registration(const registration&) = delete;
        registration& operator=(const registration&) = delete;
        ~registration() { all_.remove(call_); }

      private:
        blocking_calls& all_;
        sluice_call* call_;
    };

    static Connector make(host& owner) {
        if constexpr (std::constructible_from<Connector, host&>) {
            return Connector(owner);
        } else {
            return Connector();
        }
    }

    template <class Function>
    static root run(std::unique_ptr<context> running, Connector& connector, Function function) {
        const json input = json::parse(running->input_text());
        task<json> action = (connector.*function)(*running, input);
        const json output = co_await std::move(action);
        co_return output.dump();
    }

    host host_;
    Connector connector_;
    blocking_calls blocking_;
};

}  // namespace detail
}  // namespace sdk
}  // namespace sluice
