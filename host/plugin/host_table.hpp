// The host as a connector sees it.
#pragma once

#include <cstdint>

#include "base/log.hpp"
#include "sluice/abi.h"

namespace sluice::plugin {

class connector_state;

// What a connector means by SLUICE_LOG_...
base::log_level to_level(std::uint32_t level);

// A table for one connector. `state` must outlive it.
sluice_host make_host_table(connector_state& state);

}  // namespace sluice::plugin
