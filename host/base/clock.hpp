// Time as an interface, so that tests and simulations own it. Nothing else may ask the system.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

namespace sluice::base {

class clock {
  public:
    virtual ~clock() = default;
    // Wall clock: milliseconds since 1970-01-01 UTC. May jump. Any thread.
    virtual std::int64_t unix_ms() = 0;
    // Monotonic nanoseconds since an arbitrary point, counting suspended time. Any thread.
    virtual std::int64_t steady_ns() = 0;
    // Nanoseconds that the calling thread has computed: for limits of work, which must not depend
    // on how busy the machine is otherwise. A clock that is no machine's counts its own time.
    virtual std::int64_t computed_ns() { return steady_ns(); }
};

// The machine's clocks.
class system_clock final : public clock {
  public:
    std::int64_t unix_ms() override;
    std::int64_t steady_ns() override;
    std::int64_t computed_ns() override;
};

// Stands still until told to move.
class manual_clock final : public clock {
  public:
    explicit manual_clock(std::int64_t unix_ms = 1'700'000'000'000) : unix_ms_(unix_ms) {}
    std::int64_t unix_ms() override { return unix_ms_.load(); }
    std::int64_t steady_ns() override { return steady_ns_.load(); }
    void advance_ms(std::int64_t by) {
        unix_ms_ += by;
        steady_ns_ += by * 1'000'000;
    }

  private:
    std::atomic<std::int64_t> unix_ms_;
    std::atomic<std::int64_t> steady_ns_{0};
};

// "2026-11-23T13:24:05.123Z" (RFC 3339, always UTC, always milliseconds).
std::string to_rfc3339(std::int64_t unix_ms);
// Milliseconds since 1970 of such a text, with or without a fraction; nothing when it is none.
std::optional<std::int64_t> parse_rfc3339(const std::string& text);

}  // namespace sluice::base
