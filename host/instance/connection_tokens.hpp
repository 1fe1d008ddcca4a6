// Access tokens of connections whose OAuth the host runs: fetched, kept sealed, refreshed.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "instance/connection_record.hpp"
#include "instance/connection_store.hpp"
#include "instance/oauth_settings.hpp"
#include "plugin/http_port.hpp"

namespace sluice::instance {

struct connection_status {
    connection_record::state_kind state = connection_record::state_kind::pending;
    std::int64_t issued_ms = 0;
    std::int64_t expires_ms = 0;     // 0: not known
    std::int64_t authorized_ms = 0;  // 0: never
    std::string reason;              // why the last request for a token failed; may be empty
    std::int64_t failed_ms = 0;
};

struct token_ports {
    base::event_loop& loop;
    base::clock& clock;
    base::random_source& random;
    plugin::http_port& http;
    connection_store& kept;
};

// Loop thread. At any time at most one request of a connection is under way; who needs its answer
// waits for it. Before a refresh begins, that it begins is on disk; before a new access token is
// used, the refresh token that came with it is.
class connection_tokens {
  public:
    using settings_ptr = std::shared_ptr<const oauth_settings>;
    using operation = std::uint64_t;  // never 0
    using token_function = std::function<void(base::result<std::string>)>;
    using end_function = std::function<void(base::result<void>)>;
    // The settings of a connection at the moment; null: it is not there, or not in order.
    using lookup = std::function<settings_ptr(const connection_id&)>;

    explicit connection_tokens(token_ports ports) : ports_(ports) {}
    connection_tokens(const connection_tokens&) = delete;
    connection_tokens& operator=(const connection_tokens&) = delete;
    ~connection_tokens();

    // Reads what is kept. Before the loop runs; blocks.
    base::result<void> open();
    // What a connection has become, once that is durable: another state, or authorized anew.
    using observer = std::function<void(const connection_id&, const connection_record&)>;
    void observe(observer who) { observer_ = std::move(who); }
    // From now on, tokens that a person has authorized are refreshed although nobody asks.
    void refresh_ahead(lookup find);
    // Sends nothing more of its own accord.
    void stop();
    // `then` runs once, later, when the answers to all requests are on disk, or after `within_ms`.
    void settle(std::int64_t within_ms, std::function<void()> then);

    // The access token, if there is one now. When it ends soon, a new one is fetched meanwhile.
    std::optional<std::string> known(const settings_ptr& of);
    // The fields that came with the access token, for oauth_settings::connection_json.
    json::value found(const settings_ptr& of) const;
    // Gets one. `finished` runs once, later, on the loop. `auth`: the connection has to be
    // authorized, or the provider refuses; the message says what to do.
    operation fetch(const settings_ptr& of, token_function finished);
    // Gives up waiting: `finished` runs with `cancelled`. The request goes on.
    void cancel(operation which);
    // A third party refused this access token. Whether another one may help: then fetch() again.
    // Without a way to another one the connection is in error from now on; one that is shared stays
    // as it is, as not all who use it need to be refused.
    bool refused(const settings_ptr& of, const std::string& token);

    // A person has authorized the connection. `finished` runs once its tokens are on disk.
    void exchange(const settings_ptr& of, std::string code, std::string verifier,
                  std::string redirect_uri, end_function done);
    // Drops the tokens, and tells the provider if it takes that. `revoked`: nothing when it takes
    // none, else whether it did.
    using dropped = std::function<void(base::result<std::optional<bool>> revoked)>;
    void disconnect(const settings_ptr& of, dropped done);
    // The owner has no connections but these, and no records of others; with none: it is gone.
    void keep_only(const std::string& owner, const std::set<std::string>& names);
    void forget(const std::string& owner) { keep_only(owner, {}); }
    // The connection has no tokens of its own any more. An answer that is under way brings none
    // back.
    void drop(const connection_id& id);

    connection_status status(const oauth_settings& of) const;
    // Why the provider gives no token any more; nothing: it may. Kept over restarts.
    std::optional<std::string> given_up(const oauth_settings& of) const;

  private:
    struct waiter {
        operation id = 0;
        token_function finished;
    };
    struct entry {
        connection_record kept;  // as on disk
        connection_record::state_kind told = connection_record::state_kind::pending;
        bool stale = false;     // the access token was refused
        bool fetching = false;  // a job that gets a token is queued or runs
        bool gone = false;      // dropped: nothing more is kept of it
        std::vector<waiter> waiting;
        // One after the other; the first one runs.
        std::deque<std::function<void()>> jobs;
        // The last failure that may pass, and until when it is not tried again.
        std::optional<base::error> trouble;
        std::int64_t trouble_ms = 0;
        std::int64_t pause_until_ns = 0;
        // A new token did not help against a refusal: until then it is not tried again.
        std::int64_t useless_until_ns = 0;
        std::string after_refusal;  // the token that was fetched because of one
        bool for_refusal = false;   // the one that is being fetched is
        std::int64_t lost_ms = 0;   // when a refresh began whose answer never came; 0: none
    };
    using entry_ptr = std::shared_ptr<entry>;

    entry_ptr at(const connection_id& id);
    // Whether the tokens that are kept are of these settings.
    static bool fits(const entry& one, const oauth_settings& of);
    bool usable(const entry& one) const;
    bool due(const entry& one) const;
    bool paused(const entry& one) const;
    // Why no request can help; nothing: one may.
    std::optional<base::error> hopeless(const entry& one, const oauth_settings& of) const;
    // Why these settings get no token any more; nothing: they are those of now.
    std::optional<base::error> outdated(const oauth_settings& of) const;
    // Removes what was written of it after it was dropped.
    void clean_record(const connection_id& id);

    void enqueue(const entry_ptr& one, std::function<void()> job);
    void run_first(const entry_ptr& one);
    void end_job(const entry_ptr& one);
    void begin(const entry_ptr& one, const settings_ptr& of);
    void get_token(const entry_ptr& one, const settings_ptr& of);
    void refresh(const entry_ptr& one, const settings_ptr& of);
    void ask(const entry_ptr& one, const settings_ptr& of, engine::token_request request);
    void keep_token(const entry_ptr& one, const settings_ptr& of, engine::access_token made,
                    json::value found, bool by_code, const end_function& then);
    void keep_refusal(const entry_ptr& one, const settings_ptr& of, base::error why,
                      bool grant_is_gone, const end_function& then);
    void keep_trouble(entry& one, const base::error& why);
    void drop_tokens(const entry_ptr& one, const connection_id& id, std::optional<bool> revoked,
                     const dropped& told);
    void end_fetch(const entry_ptr& one, const base::result<void>& outcome);

    using answered = std::function<void(const base::result<net::client_response>&)>;
    void send(net::client_request request, answered then);
    void put(const entry_ptr& one, const connection_id& id, connection_record next,
             end_function then);
    void sweep();
    void plan_sweep();

    token_ports ports_;
    std::map<connection_id, entry_ptr> entries_;
    operation last_ = 0;
    std::size_t busy_ = 0;           // connections with a job
    std::function<void()> settled_;  // empty: nobody waits for none
    lookup find_;
    observer observer_;
    base::event_loop::timer_id sweep_timer_ = 0;  // 0: none
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace sluice::instance
