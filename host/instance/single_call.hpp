// One call of a connector's action for an instance, outside of any execution.
#pragma once

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
    const engine::bound_flow* flow = nullptr;  // any of the instance
    std::string connector;
    std::string action;
    std::string connection;  // the manifest's name for it; empty: none
    std::string connection_json;
    json::value input = json::value::object();
};

// The call under an id of its own, which is that of no event: end it with call_port::drop(). It is
// given half a minute. Loop thread. Errors: those of store::acquire().
base::result<engine::connector_call> make_single_call(const single_call& of, base::clock& clock,
                                                      base::id_generator& ids, store::store& store);

}  // namespace sluice::instance
