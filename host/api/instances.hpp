// /instances: what is deployed for whom.
#pragma once

#include "api/call.hpp"
#include "instance/deployments.hpp"

namespace sluice::api {

// By name; filters: customer. Loop thread.
reply list_instances(const call& what, const instance::deployments& deployed);
// Its flows, too; the addresses of its webhooks only for the scope `secrets`: whoever knows one may
// send. Loop thread.
reply show_instance(const call& what, const instance::deployments& deployed);

}  // namespace sluice::api
