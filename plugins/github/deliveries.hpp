// Webhook deliveries that failed.
#pragma once

#include <sluice/connector.hpp>

#include "api.hpp"

namespace sluice::github {

// What the action listFailedDeliveries gives.
task<json> failed_deliveries(const api& github, json input);

// Asks GitHub to send the input's "delivery" of its "webhook" once more.
task<void> deliver_again(const api& github, json input);

}  // namespace sluice::github
