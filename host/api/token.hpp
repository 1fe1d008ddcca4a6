// Tokens of the admin API: who may do what, for which tenant, until when.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "api/scope.hpp"
#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/ids.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"
#include "instance/digest_list.hpp"
#include "store/store.hpp"

namespace sluice::api {

// Scanners for leaked credentials look for it.
inline constexpr std::string_view token_prefix = "slc_";

// Everything about a token but the token itself, which nobody keeps.
struct token_facts {
    std::string id;
    std::string name;  // for people
    scope_set scopes;
    std::string instance;  // bound to this instance; empty: not
    std::string customer;  // bound to the instances of this customer; empty: not
    std::int64_t created_ms = 0;
    std::int64_t expires_ms = 0;  // 0: never

    bool bound() const { return !instance.empty() || !customer.empty(); }
};

struct created_token {
    token_facts facts;
    base::secret text;  // 256 random bits after the prefix; to be shown once
};

// Everything here outlives the list.
struct token_ports {
    base::event_loop& loop;
    base::clock& clock;
    base::random_source& random;
    base::id_generator& ids;
    store::store& store;
    // Runs work that blocks on disk somewhere else than on the loop.
    std::function<void(std::function<void()>)> run_blocking;
};

// The store holds SHA-256 digests only. Loop thread (open(), create_now(): before the loop runs).
class token_list {
  public:
    explicit token_list(token_ports ports);

    // Reads the tokens that the store keeps. Blocks.
    base::result<void> open();

    // Null when the token is unknown or has expired. The time taken does not depend on how much of
    // it is right. Valid until the list changes.
    const token_facts* find(std::string_view text) const;
    std::vector<token_facts> all() const;  // by id
    const token_facts* by_id(const std::string& id) const;
    // Whether any token that has not expired has the scope admin, `but` left aside.
    bool has_administrator(const std::string& but = {}) const;

    // Makes a token with the name, scopes, binding and expiry of `wanted`. `done` runs later, once,
    // on the loop, when it is durable.
    void create(token_facts wanted, std::function<void(base::result<created_token>)> done);
    // The same; blocks.
    base::result<created_token> create_now(token_facts wanted);
    // From `done` on, which runs as above, nobody gets in with it. not_found.
    void revoke(const std::string& id, std::function<void(base::result<void>)> done);
    // Those that are bound to the customer.
    std::vector<std::string> bound_to(const std::string& customer) const;
    // What revokes them in a transaction of somebody else's; when it is durable, forget() them.
    static std::vector<store::config_change> removals(const std::vector<std::string>& ids);
    void forget(const std::vector<std::string>& ids);

  private:
    // `wanted` with an id and the time.
    token_facts numbered(token_facts wanted);

    token_ports ports_;
    instance::digest_list digests_;
    std::map<std::string, token_facts> by_id_;
};

}  // namespace sluice::api
