// Who the connection works as.
#pragma once

#include <sluice/connector.hpp>

#include "api.hpp"

namespace sluice::salesforce {

// {"organizationId", "userId", "username", "name", "email"}
task<json> identity_of(const api& salesforce);

}  // namespace sluice::salesforce
