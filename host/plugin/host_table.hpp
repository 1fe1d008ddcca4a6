// The host as a connector sees it.
#pragma once

#include "sluice/abi.h"

namespace sluice::plugin {

class connector_state;

// A table for one connector. `state` must outlive it.
sluice_host make_host_table(connector_state& state);

}  // namespace sluice::plugin
