// Which executions a caller asks for.
#pragma once

#include <array>

#include "api/page.hpp"
#include "api/tenant_view.hpp"
#include "instance/deployments.hpp"
#include "store/types.hpp"

namespace sluice::api {

// All states of an execution, in the order of a life.
inline constexpr std::array all_states = {
    store::event_state::ready,     store::event_state::running, store::event_state::waiting,
    store::event_state::succeeded, store::event_state::failed,  store::event_state::quarantined,
    store::event_state::cancelled};

// From instance, customer, flow, state, from and to (RFC 3339), text (in the error) and dead; none
// but what `view` sees.
base::result<store::history_filter> filter_of(const query_parameters& given,
                                              const tenant_view& view,
                                              const instance::deployments& deployed);

}  // namespace sluice::api
