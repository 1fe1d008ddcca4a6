// Access tokens of OAuth 2.0: fetched when the first request needs one, kept until shortly before
// they end, for all executions that bring the same credentials. In memory only.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/random.hpp"
#include "engine/token_request.hpp"
#include "plugin/http_port.hpp"

namespace sluice::engine {

// Loop thread. What it is made with outlives it.
class token_cache {
  public:
    using operation = std::uint64_t;  // never 0
    using done_function = std::function<void(or_fault<std::string>)>;

    token_cache(base::event_loop& loop, base::clock& clock, base::random_source& random)
        : loop_(loop), clock_(clock), random_(random) {}
    // What waits is not called any more.
    ~token_cache();
    token_cache(const token_cache&) = delete;
    token_cache& operator=(const token_cache&) = delete;

    // The token for these credentials, if there is one now.
    std::optional<std::string> known(const token_request& of);
    // Fetches one. Whoever asks while a fetch with the same credentials is under way gets what that
    // one gives. `done` runs once, later, on the loop; after `timeout_ms` with a `timeout` fault.
    operation fetch(const token_request& of, plugin::http_port& http, std::int64_t timeout_ms,
                    done_function done);
    // Gives up waiting: `done` runs with a fault. The fetch goes on, others may wait for it.
    void cancel(operation which);
    // The token was refused: it is not given again.
    void drop(const token_request& of, const std::string& token);

  private:
    struct waiter {
        operation id = 0;
        base::event_loop::timer_id timer = 0;
        done_function done;
    };
    struct entry {
        std::string token;  // empty: none
        std::int64_t ends_ns = 0;
        std::string refresh;  // instead of the one in the credentials; empty: none came
        std::vector<waiter> waiting;
        std::function<void()> cancel_request;  // empty: nothing is fetched
    };

    void begin(const token_request& of, plugin::http_port& http);
    void ask(const token_request& of, const std::string& endpoint, plugin::http_port& http);
    void send(const std::string& key, net::client_request request, plugin::http_port& http,
              plugin::http_port::done answered);
    void end(const std::string& key, or_fault<access_token> found);
    void give_up(operation which, const base::error& why);
    void make_room();

    base::event_loop& loop_;
    base::clock& clock_;
    base::random_source& random_;
    std::unordered_map<std::string, entry> entries_;  // by token_request::key
    operation last_ = 0;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace sluice::engine
