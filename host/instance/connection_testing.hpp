// A provider under a test's control: connections with OAuth on a fake clock, a scripted network and
// a real store.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/base_testing.hpp"
#include "base/manual_loop.hpp"
#include "engine/engine_testing.hpp"
#include "instance/connection_tokens.hpp"
#include "store/store.hpp"

namespace sluice::instance {

class connection_world {
  public:
    using settings_ptr = connection_tokens::settings_ptr;

    connection_world();
    ~connection_world();

    // The connection "app" of instance "acme", or another, whose provider is http://auth.test. The
    // customer "acme" has a key, too.
    settings_ptr settings(const std::string& grant, const std::string& client = "me",
                          const connection_id& id = {"acme", "app"});
    // A connection type with this section, and all fields there are.
    static plugin::connection_description type(const std::string& oauth2_json);

    // An answer of the provider with an access token; `more` are further members, "" or ",...".
    static net::client_response token(const std::string& access, const std::string& more = {});
    static net::client_response refusal(const std::string& error, int status = 400);

    // "token NAME" or "code: message".
    std::string fetch(const settings_ptr& of);
    // By a code, with the next reply of the provider.
    base::result<void> authorize(const settings_ptr& of);
    // Nothing of the process is left but the store.
    void restart();
    void turn();  // until nothing is ready

    // The body of the last request.
    const std::string& sent() const { return http.requests.back().body; }
    std::string state(const settings_ptr& of) const;
    std::string reason(const settings_ptr& of) const { return tokens->status(*of).reason; }
    // What the store has of it, as text; empty: nothing.
    std::string record();

    base::temporary_folder folder;
    base::manual_clock clock;
    base::manual_loop loop{clock};
    base::seeded_random random{3};
    engine::scripted_http http{loop};
    std::unique_ptr<store::store> store;
    std::unique_ptr<vault> keys;
    std::unique_ptr<connection_store> kept;
    std::unique_ptr<connection_tokens> tokens;

  private:
    void start();
};

}  // namespace sluice::instance
