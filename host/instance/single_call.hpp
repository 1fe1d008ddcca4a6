// One call of a connector's action, outside of any execution.
#pragma once

#include <memory>
#include <string>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/result.hpp"
#include "engine/bound_flow.hpp"
#include "engine/ports.hpp"
#include "json/value.hpp"
#include "store/store.hpp"

namespace sluice::instance {

struct single_call {
    std::shared_ptr<const engine::bound_flow> flow;  // any of the instance
    std::string owner;                               // the instance, or whose the connection is
    std::string connector;
    const manifest::version_constraint* wanted = nullptr;  // null: any
    std::string action;
    std::string connection;            // its name at the owner; empty: none
    engine::shared_connection shared;  // whose it is, when it is not the owner's own
    std::string connection_json;
    json::value input = json::value::object();
};

// The call under an id of its own, which is that of no event: end it with call_port::drop(). It is
// given half a minute; alerts hear of it when the caller sets connector_call::flow. Loop thread.
// Errors: those of store::acquire().
base::result<engine::connector_call> make_single_call(const single_call& of, base::clock& clock,
                                                      base::id_generator& ids, store::store& store);

}  // namespace sluice::instance
