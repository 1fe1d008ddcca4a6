// Addresses that all instances of an integration share: whose a request is.
#pragma once

#include <memory>

#include "base/result.hpp"
#include "instance/deployments.hpp"
#include "json/value.hpp"

namespace sluice::trigger {

// The flow of the instance that the payload names by `endpoint.route` of its own version of the
// integration: that of the customer of this name, when it has one such instance, otherwise the
// instance of this name. not_found for anything else; the message is for the log.
base::result<std::shared_ptr<const engine::bound_flow>> find_addressee(
    const instance::deployments& deployed, const instance::endpoint& address,
    const json::value& payload);

}  // namespace sluice::trigger
