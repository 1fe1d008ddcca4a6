// Waiting for what deploy and undeploy flows make of a change.
#pragma once

#include <set>
#include <string>

#include "cli/admin_client.hpp"

namespace sluice::cli {

// Until each of the instances is deployed, failed, or gone; says which failed. The exit code.
int wait_for_instances(const admin_settings& admin, const std::set<std::string>& names);

}  // namespace sluice::cli
