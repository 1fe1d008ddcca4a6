// The connections of all instances, customers and the organization: what state each is in, and what
// an operator does with one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/ids.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "engine/ports.hpp"
#include "instance/authorizations.hpp"
#include "instance/connected_calls.hpp"
#include "instance/connection_store.hpp"
#include "instance/connection_tokens.hpp"
#include "instance/deployments.hpp"
#include "plugin/descriptor.hpp"
#include "plugin/http_port.hpp"
#include "store/store.hpp"

namespace sluice::instance {

// What a call would use now; null when no version of the connector fits.
using connector_lookup = std::function<std::shared_ptr<const plugin::descriptor>(
    const std::string& connector, const manifest::version_constraint* wanted)>;

// Everything here outlives the connections.
struct connection_ports {
    base::event_loop& loop;
    base::clock& clock;
    base::random_source& random;
    base::id_generator& ids;
    store::store& store;
    vault& keys;
    const deployments& deployed;
    engine::call_port& calls;
    plugin::http_port& http;
    connector_lookup describe;
    // Runs work that blocks on disk somewhere else than on the loop.
    std::function<void(std::function<void()>)> run_blocking;
};

// A connection as operators see it.
struct connection_view {
    connection_id id;
    std::string shared;  // of an instance: "customer/crm"; empty: it is its own
    std::string connector;
    std::string type;
    std::string grant;  // empty: its fields are all there is
    connection_status status;
    bool can_test = false;
};

// Loop thread.
class connections {
  public:
    explicit connections(connection_ports ports);

    // Reads what is kept. Before the loop runs; blocks.
    base::result<void> open() { return tokens_.open(); }
    // Begins to refresh tokens ahead of their end.
    void start();
    void stop() { tokens_.stop(); }
    // The host ends: `then` runs once, later, when no answer of a provider can be lost any more, or
    // after `within_ms`.
    void settle(std::int64_t within_ms, std::function<void()> then) {
        tokens_.settle(within_ms, std::move(then));
    }
    // The instance is removed.
    void forget(const std::string& instance) { tokens_.forget(instance); }
    // A customer or the organization has these connections now, and no others.
    void keep_only(const std::string& owner, const std::set<std::string>& names) {
        tokens_.keep_only(owner, names);
    }
    // An instance shares this one now, and had one of its own.
    void drop_tokens(const connection_id& id) { tokens_.drop(id); }

    // Through these, calls of connectors get their tokens.
    engine::call_port& calls() { return calls_; }

    // What calls and providers say about connections, and which ones passed their test: under the
    // names of all that use them.
    void observe(connected_calls::observer of_calls, connection_tokens::observer of_tokens,
                 std::function<void(const connection_id&)> of_tests) {
        passed_ = std::move(of_tests);
        calls_.observe(std::move(of_calls));
        tokens_.observe(std::move(of_tokens));
    }

    // Of one instance, those that it shares included, by name.
    std::vector<connection_view> of_instance(const std::string& instance) const;
    // Of a customer or the organization (owner_id.hpp).
    std::vector<connection_view> of_owner(const std::string& owner) const;
    // Under which names instances use it: itself, or for what is shared each instance's own.
    std::vector<connection_id> uses_of(const connection_id& id) const;
    // Why the provider of one gives no token any more; nothing: it may, or that cannot be told.
    std::optional<std::string> given_up(const connection_id& id) const;
    // What is wrong with the settings of connections whose connectors are here.
    std::vector<base::error> problems() const;

    // Where a person goes to authorize it. conflict: nobody has to, or an instance only shares it.
    base::result<authorizations::begun> authorize(const connection_id& id);
    // Where the provider sends the browser back to.
    std::string redirect_uri() const;
    void finish(authorizations::answer what, const authorizations::done& finished) {
        authorizations_.finish(std::move(what), finished);
    }
    // Runs the type's test action. Its output as JSON text, without secrets, or why it failed;
    // outside: not_found or conflict, when there is nothing to run. `done` runs later.
    using tested = std::function<void(base::result<std::string>)>;
    base::result<void> test(const connection_id& id, tested done);
    // conflict as above.
    void disconnect(const connection_id& id, connection_tokens::dropped done);

  private:
    struct target {
        connection_id origin;  // whose it is, and its name there
        // Any of the instance; of another owner, one that knows its secrets and no more.
        std::shared_ptr<const engine::bound_flow> flow;
        std::string connector;
        const manifest::version_constraint* wanted = nullptr;
        const std::string* json = nullptr;  // valid until something is deployed
        std::string type;

        bool shared() const;
    };
    base::result<target> find(const connection_id& id) const;
    base::result<target> find_of_owner(const connection_id& id) const;
    // The same, or conflict: an instance only shares it.
    base::result<target> find_own(const connection_id& id) const;
    static std::optional<target> target_of(std::shared_ptr<const engine::bound_flow> flow,
                                           const std::string& name);
    connection_view view_of(const connection_id& id, const target& one) const;
    // Null: the connector is not here, or does not know the type. `holds` keeps it alive.
    const plugin::connection_description* type_of(
        const target& of, std::shared_ptr<const plugin::descriptor>& holds) const;
    base::result<connection_tokens::settings_ptr> settings_of(
        const connection_id& id, const std::string& connector,
        const manifest::version_constraint* wanted, const std::string& connection_json) const;
    base::result<connection_tokens::settings_ptr> settings_of(const target& one) const;
    connection_tokens::settings_ptr settings_or_null(const connection_id& id) const;

    struct cached {
        std::shared_ptr<const plugin::descriptor> of;
        std::string json;
        connection_tokens::settings_ptr settings;  // null: none of ours
    };

    connection_ports ports_;
    connection_store store_;
    connection_tokens tokens_;
    authorizations authorizations_;
    connected_calls calls_;
    std::function<void(const connection_id&)> passed_;
    mutable std::map<connection_id, cached> cache_;
};

}  // namespace sluice::instance
