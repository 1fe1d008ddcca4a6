// Calls whose connection's OAuth the host runs get an access token before they start, and once a
// new one when the third party refuses it.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "engine/fault.hpp"
#include "engine/ports.hpp"
#include "instance/connection_tokens.hpp"

namespace sluice::instance {

// The settings of a connection, for the version of the connector that a call would use; of one
// that is shared, for the newest version. Null: it has no OAuth, or the connector is not there.
// `connection_json` is the connection with its secrets.
using settings_lookup = std::function<base::result<connection_tokens::settings_ptr>(
    const connection_id& id, const std::string& connector,
    const manifest::version_constraint* wanted, const std::string& connection_json)>;

class connected_calls final : public engine::call_port {
  public:
    // All of it outlives this.
    connected_calls(base::event_loop& loop, base::clock& clock, engine::call_port& inner,
                    connection_tokens& tokens, settings_lookup find)
        : loop_(loop), clock_(clock), inner_(inner), tokens_(tokens), find_(std::move(find)) {}
    connected_calls(const connected_calls&) = delete;
    connected_calls& operator=(const connected_calls&) = delete;

    std::string version_for(const std::string& connector,
                            const manifest::version_constraint* wanted) override {
        return inner_.version_for(connector, wanted);
    }
    // How calls end whose connection an alert of the caller's version looks at, by the action
    // ("shop.buy"): null when it succeeded, else why the connection is not accepted, without
    // secrets. Other failures say nothing about it and are not told.
    using observer = std::function<void(const connection_id&, const std::string& action,
                                        const engine::fault* refused)>;
    void observe(observer who) { observer_ = std::move(who); }

    operation start(engine::connector_call call,
                    std::function<void(engine::connector_reply)> done) override;
    void cancel(operation which) override;
    void forget(store::event_id execution) override { inner_.forget(execution); }
    void drop(store::event_id execution) override { inner_.drop(execution); }

  private:
    struct running {
        engine::connector_call call;
        std::function<void(engine::connector_reply)> done;
        connection_tokens::settings_ptr settings;
        bool again = false;  // with a second token
        bool cancelled = false;
        bool late = false;                       // past the call's deadline
        base::event_loop::timer_id timer = 0;    // of that deadline, while it waits
        connection_tokens::operation token = 0;  // waits for one; 0: the call runs
        operation inner = 0;
    };
    using running_ptr = std::shared_ptr<running>;

    std::function<void(engine::connector_reply)> watched(
        const engine::connector_call& call,
        std::function<void(engine::connector_reply)> done) const;
    void get_token(operation id, const running_ptr& one);
    void run(operation id, const running_ptr& one, const std::string& token);
    void end(operation id, const running_ptr& one, engine::connector_reply reply);

    base::event_loop& loop_;
    base::clock& clock_;
    engine::call_port& inner_;
    connection_tokens& tokens_;
    settings_lookup find_;
    observer observer_;
    std::map<operation, running_ptr> running_;
    operation last_ = 0;
};

}  // namespace sluice::instance
