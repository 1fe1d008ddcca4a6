// Secrets that come into being while flows run: access tokens.
#pragma once

#include "base/recent_secrets.hpp"

namespace sluice::engine {

// The newest of them, as what an execution shows and keeps must not hold them (hide_secrets.hpp).
// Of one instance. Loop thread.
class fetched_secrets final : public base::recent_secrets {
  public:
    static constexpr std::size_t most = 100;
    fetched_secrets() : recent_secrets(most) {}
};

}  // namespace sluice::engine
