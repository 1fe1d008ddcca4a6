// Identifiers: time-ordered 63-bit numbers for rows, random tokens for addresses.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/random.hpp"

namespace sluice::base {

// Positive, strictly increasing within one generator, ordered by time across restarts as long as
// the wall clock moves forward: 42 bits of milliseconds since 2020-01-01, then 21 bits that start
// random and count up.
class id_generator {
  public:
    id_generator(clock& time, random_source& random);
    // Never returns an id at or below this one again (called at start with the store's largest id,
    // so that a clock that went back cannot repeat ids).
    void start_after(std::int64_t id);
    std::int64_t next();  // any thread

  private:
    clock& time_;
    random_source& random_;
    std::mutex mutex_;
    std::int64_t last_ = 0;
};

// The form people see: "x" followed by 13 characters of Crockford base 32, for example
// "x01jd3kq5m7zr2". Sorts like the number.
std::string execution_id_text(std::int64_t id);
std::optional<std::int64_t> parse_execution_id(std::string_view text);

// 256 random bits in base64url (43 characters): endpoint tokens, API tokens.
std::string make_token(random_source& random);

}  // namespace sluice::base
