// The host and its services, as a connector inside the runner sees them.
#pragma once

#include "sluice/abi.h"

namespace sluice::runner {

class core;

sluice_host make_table(core& own);
// Null when the host does not offer it.
const void* find_service(const core& own, const char* id);

// service tables, one file each
const sluice_http_1& http_service();
const sluice_blob_1& blob_service();
const sluice_state_1& state_service();
const sluice_timer_1& timer_service();
const sluice_work_1& work_service();
const sluice_session_1& session_service();
const sluice_clock_1& clock_service();

}  // namespace sluice::runner
