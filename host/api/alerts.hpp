// /alerts: what is raised, and what to do about it. Loop thread.
#pragma once

#include "api/call.hpp"
#include "api/ports.hpp"

namespace sluice::api {

// By instance, alert and what it is about; those of instances that are deployed.
void list_alerts(const api_ports& ports, const call& what, const answer_function& answer);

}  // namespace sluice::api
