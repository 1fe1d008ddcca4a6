// The service tables of the mock host.
#pragma once

#include "sluice/abi.h"

namespace sluice::testing {

extern const sluice_http_1 http_service;
extern const sluice_blob_1 blob_service;
extern const sluice_state_1 state_service;
extern const sluice_work_1 work_service;
extern const sluice_timer_1 timer_service;
extern const sluice_clock_1 clock_service;
extern const sluice_session_1 session_service;

}  // namespace sluice::testing
