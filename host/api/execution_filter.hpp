// Which executions a caller asks for.
#pragma once

#include "api/page.hpp"
#include "api/tenant_view.hpp"
#include "instance/deployments.hpp"
#include "store/types.hpp"

namespace sluice::api {

// From instance, customer, flow, state, from and to (RFC 3339), text (in the error) and dead; none
// but what `view` sees.
base::result<store::history_filter> filter_of(const query_parameters& given,
                                              const tenant_view& view,
                                              const instance::deployments& deployed);

}  // namespace sluice::api
