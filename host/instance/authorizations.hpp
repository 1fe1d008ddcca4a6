// Connections that a person is authorizing at the moment: authorization codes with PKCE (RFC 7636).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "instance/connection_tokens.hpp"

namespace sluice::instance {

// Loop thread. In memory: who was on the way when the host ended begins again.
class authorizations {
  public:
    static constexpr std::int64_t life_ms = 600'000;

    struct ports {
        base::clock& clock;
        base::random_source& random;
        connection_tokens& tokens;
        connection_tokens::lookup find;
    };
    explicit authorizations(ports all) : ports_(std::move(all)) {}

    struct begun {
        std::string url;  // where the person goes
        std::int64_t expires_ms = 0;
    };
    // One that was begun before for the same connection does not count any more.
    begun begin(const connection_tokens::settings_ptr& of, const std::string& redirect_uri);

    // What the provider sends the person's browser back with.
    struct answer {
        std::string state;
        std::string code;         // or
        std::string error;        // that there is none
        std::string description;  // of the error; of the provider's choice, like `error`
    };
    // Once for each state. `done` gives the connection, once its tokens are on disk.
    using done = std::function<void(base::result<connection_id>)>;
    void finish(answer what, const done& finished);

  private:
    struct pending {
        std::string state_hash;
        std::string verifier;
        std::string redirect_uri;
        std::string fingerprint;
        std::int64_t expires_ms = 0;
    };

    ports ports_;
    std::map<connection_id, pending> pending_;
};

}  // namespace sluice::instance
