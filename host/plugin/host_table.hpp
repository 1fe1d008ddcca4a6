// The host as a connector sees it.
#pragma once

#include "sluice/abi.h"

namespace sluice::plugin {

class connector_state;

// A table for one connector. `state` must outlive it.
sluice_host make_host_table(connector_state& state);

// The services' tables; stateless, as every function finds its call by the handle.
const sluice_http_1& http_service();
const sluice_blob_1& blob_service();
const sluice_state_1& state_service();
const sluice_work_1& work_service();
const sluice_timer_1& timer_service();

}  // namespace sluice::plugin
