// Small durable values of one flow of one instance: cursors, remembered ids.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "sluice/abi.h"
#include "sluice/detail/blocking_wait.hpp"
#include "sluice/detail/operation.hpp"
#include "sluice/json.hpp"

namespace sluice {
inline namespace sdk {

struct state_entry {
    json value;
    std::uint64_t version = 0;  // grows with each change
};

namespace detail {

class state_get final : public operation {
  public:
    state_get(const sluice_state_1& service, sluice_call* call, std::string key)
        : service_(service), call_(call), key_(std::move(key)) {}
    void await_suspend(std::coroutine_handle<> waiting) {
        wait_as(waiting);
        service_.get(call_, to_str(key_), &done, this);
    }
    std::optional<state_entry> await_resume() const {
        throw_error();
        if (!found_) return std::nullopt;
        return state_entry{json::parse(text_), version_};
    }

  private:
    static void SLUICE_CALL done(void* user, const sluice_error* error, std::uint32_t found,
                                 sluice_str value, std::uint64_t version) noexcept {
        auto& self = *static_cast<state_get*>(user);
        if (error == nullptr) {
            self.found_ = found != 0;
            self.text_ = to_view(value);
            self.version_ = version;
        }
        self.finish(error);
    }
    const sluice_state_1& service_;
    sluice_call* call_;
    std::string key_;
    bool found_ = false;
    std::string text_;
    std::uint64_t version_ = 0;
};

// A change: set when `text` is given, otherwise remove.
class state_change : public operation {
  public:
    state_change(const sluice_state_1& service, sluice_call* call, std::string key,
                 std::optional<std::string> text, std::optional<std::uint64_t> expected)
        : service_(service),
          call_(call),
          key_(std::move(key)),
          text_(std::move(text)),
          expected_(expected) {}
    void await_suspend(std::coroutine_handle<> waiting) {
        wait_as(waiting);
        if (!text_) {
            service_.remove(call_, to_str(key_), &done, this);
        } else if (expected_) {
            service_.compare_and_set(call_, to_str(key_), *expected_, to_str(*text_), &done, this);
        } else {
            service_.set(call_, to_str(key_), to_str(*text_), &done, this);
        }
    }
    void await_resume() const { throw_error(); }

  private:
    static void SLUICE_CALL done(void* user, const sluice_error* error) noexcept {
        static_cast<state_change*>(user)->finish(error);
    }
    const sluice_state_1& service_;
    sluice_call* call_;
    std::string key_;
    std::optional<std::string> text_;
    std::optional<std::uint64_t> expected_;
};

// A lost race is an answer, not a failure.
class state_compare_and_set final : public state_change {
  public:
    using state_change::state_change;
    bool await_resume() const {
        if (error() && error()->code() == SLUICE_CONFLICT) return false;
        throw_error();
        return true;
    }
};

// For blocking actions: waits on its thread of the pool.
class blocking_state {
  public:
    std::optional<state_entry> wait() {
        wait_.wait();
        return std::move(found_);
    }
    static void SLUICE_CALL got(void* user, const sluice_error* error, std::uint32_t found,
                                sluice_str value, std::uint64_t version) noexcept {
        auto& self = *static_cast<blocking_state*>(user);
        self.wait_.finish(error, [&] {
            if (found != 0) self.found_ = state_entry{json::parse(to_view(value)), version};
        });
    }
    static void SLUICE_CALL changed(void* user, const sluice_error* error) noexcept {
        static_cast<blocking_state*>(user)->wait_.finish(error, [] {});
    }

  private:
    std::optional<state_entry> found_;
    blocking_wait wait_;
};

}  // namespace detail

// context::state(). Keys: 1 to 256 bytes; values: at most 256 KiB as text.
class state_store {
  public:
    state_store(const sluice_state_1& service, sluice_call* call)
        : service_(service), call_(call) {}

    // co_await: std::optional<state_entry>
    detail::state_get get(std::string key) const {
        return detail::state_get(service_, call_, std::move(key));
    }
    // co_await: durable afterwards
    detail::state_change set(std::string key, const json& value) const {
        return detail::state_change(service_, call_, std::move(key), value.dump(), std::nullopt);
    }
    // co_await: true when the version still was `expected` (0: there was nothing) and is now set
    detail::state_compare_and_set compare_and_set(std::string key, std::uint64_t expected,
                                                  const json& value) const {
        return detail::state_compare_and_set(service_, call_, std::move(key), value.dump(),
                                             expected);
    }
    // co_await: removing what is not there works
    detail::state_change remove(std::string key) const {
        return detail::state_change(service_, call_, std::move(key), std::nullopt, std::nullopt);
    }

    // The same for blocking actions (never in a coroutine: it would wait for itself).
    std::optional<state_entry> get_wait(const std::string& key) const {
        detail::blocking_state reading;
        service_.get(call_, detail::to_str(key), &detail::blocking_state::got, &reading);
        return reading.wait();
    }
    void set_wait(const std::string& key, const json& value) const {
        const std::string text = value.dump();
        detail::blocking_state writing;
        service_.set(call_, detail::to_str(key), detail::to_str(text),
                     &detail::blocking_state::changed, &writing);
        writing.wait();
    }
    bool compare_and_set_wait(const std::string& key, std::uint64_t expected,
                              const json& value) const {
        const std::string text = value.dump();
        detail::blocking_state writing;
        service_.compare_and_set(call_, detail::to_str(key), expected, detail::to_str(text),
                                 &detail::blocking_state::changed, &writing);
        try {
            writing.wait();
        } catch (const failure& why) {
            if (why.code() == SLUICE_CONFLICT) return false;  // a lost race is an answer
            throw;
        }
        return true;
    }
    void remove_wait(const std::string& key) const {
        detail::blocking_state removing;
        service_.remove(call_, detail::to_str(key), &detail::blocking_state::changed, &removing);
        removing.wait();
    }

  private:
    const sluice_state_1& service_;
    sluice_call* call_;
};

}  // namespace sdk
}  // namespace sluice
