// What a manifest may ask for and this host cannot do: better said at the start than never done.
#pragma once

#include <vector>

#include "base/error.hpp"
#include "manifest/integration.hpp"

namespace sluice::instance {

// One problem for each flow that nothing would ever start.
std::vector<base::error> triggers_not_run(const manifest::integration& integration);

}  // namespace sluice::instance
