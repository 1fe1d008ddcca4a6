// Secrets that live for minutes or hours and keep coming: access tokens. The newest are known.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

#include "base/log_secrets.hpp"

namespace sluice::base {

// Not thread-safe.
class recent_secrets {
  public:
    // `most` of them, and up to twice as many, are remembered: their number must not grow for ever.
    explicit recent_secrets(std::size_t most) : most_(most) {}

    // Those that are known already cost next to nothing.
    void add(std::string_view secret);
    // Null: there are none.
    const log_secrets* hidden() const { return known_.empty() ? nullptr : &hidden_; }

  private:
    const std::size_t most_;
    std::deque<std::string> known_;  // newest last
    log_secrets hidden_;
};

// add_log_secret() for such a secret: a few thousand of them are kept out of the log. Any thread.
void add_recent_log_secret(std::string_view secret);

}  // namespace sluice::base
