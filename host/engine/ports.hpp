// What the engine stands on: who carries out calls, and which flow an event belongs to.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "engine/bound_flow.hpp"
#include "plugin/call.hpp"
#include "store/types.hpp"

namespace sluice::engine {

// Finds flows of deployed instances. Loop thread.
class flow_source {
  public:
    virtual ~flow_source() = default;
    // The flow in the version an execution is bound to. not_found: instance, flow or version are
    // not deployed here (the execution then waits; nothing is lost).
    virtual base::result<std::shared_ptr<const bound_flow>> find(const std::string& instance,
                                                                 const std::string& flow,
                                                                 const std::string& version) = 0;
    // The flow in the version that new events get; null: there is none.
    virtual std::shared_ptr<const bound_flow> current(const std::string& instance,
                                                      const std::string& flow) const = 0;
};

// One call of a connector's action.
struct connector_call {
    std::string connector;
    const manifest::version_constraint* wanted = nullptr;  // null: any
    std::string pinned;        // "github 0.1.0" when the execution has used that one before
    std::string connection;    // the manifest's name for it; empty: none
    shared_connection shared;  // whose it is, when it is not the instance's own
    // Where an access token that the call is given goes, too, so that no record holds it.
    std::shared_ptr<fetched_secrets> fetched;
    // Who calls: alerts about the connection are this version's, and what they say holds none of
    // its secrets. Null: how the call ends is told to nobody.
    std::shared_ptr<const bound_flow> flow = nullptr;
    plugin::call_request request;
};

struct connector_reply {
    plugin::call_outcome outcome;
    std::string connector;  // "github 0.1.0"; empty when none was found
};

// Carries out calls. Loop thread; `done` runs once, later, on the loop, never inline.
class call_port {
  public:
    using operation = std::uint64_t;
    virtual ~call_port() = default;
    // What start() would choose now ("github 0.1.0"); empty: nothing, or it cannot be told.
    virtual std::string version_for(const std::string& connector,
                                    const manifest::version_constraint* wanted) {
        static_cast<void>(connector);
        static_cast<void>(wanted);
        return {};
    }
    virtual operation start(connector_call call, std::function<void(connector_reply)> done) = 0;
    // Asks to end soon; `done` still runs.
    virtual void cancel(operation which) = 0;
    // The execution is over: its blobs may go.
    virtual void forget(store::event_id execution) = 0;
    // The same when nothing of it is kept: its files go, too.
    virtual void drop(store::event_id execution) { forget(execution); }
};

}  // namespace sluice::engine
