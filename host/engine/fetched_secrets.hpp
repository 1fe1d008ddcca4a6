// Secrets that come into being while flows run: access tokens.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

#include "base/log_secrets.hpp"

namespace sluice::engine {

// The newest of them, as what an execution shows and keeps must not hold them (hide_secrets.hpp).
// Of one instance. Loop thread.
class fetched_secrets {
  public:
    // So many, and up to twice as many, are remembered: they live for minutes, and their number
    // must not grow for ever.
    static constexpr std::size_t most = 100;

    // Those that are known already cost next to nothing.
    void add(std::string_view secret);
    // Null: there are none.
    const base::log_secrets* hidden() const { return known_.empty() ? nullptr : &hidden_; }

  private:
    std::deque<std::string> known_;  // newest last
    base::log_secrets hidden_;
};

}  // namespace sluice::engine
