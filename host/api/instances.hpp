// /instances and /integrations: what is deployed for whom.
#pragma once

#include "api/call.hpp"
#include "instance/deployments.hpp"
#include "instance/lifecycle.hpp"

namespace sluice::api {

// An instance as lists show it.
json::value summary_of(const instance::deployed_instance& one, const instance::lifecycle& states);

// By name; filters: customer. Loop thread.
reply list_instances(const call& what, const instance::deployments& deployed,
                     const instance::lifecycle& states);
// Its flows, its config as it was written (no secrets) and the executions that deployed it, too;
// the addresses of its webhooks only for the scope `secrets`: whoever knows one may send. Loop
// thread.
reply show_instance(const call& what, const instance::deployments& deployed,
                    const instance::lifecycle& states);

// By name, with the versions that are here and the instances; a bound token sees those that it has
// an instance of. Loop thread.
reply list_integrations(const call& what, const instance::deployments& deployed);

}  // namespace sluice::api
