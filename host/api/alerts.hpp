// /alerts: what is raised, and what to do about it. Loop thread.
#pragma once

#include <string>

#include "api/call.hpp"
#include "api/ports.hpp"
#include "instance/alert_records.hpp"
#include "json/value.hpp"

namespace sluice::api {

// One as the list shows it; the others are of its instance.
json::value alert_json(const instance::raised_alert& one, const std::string& customer,
                       const std::string& integration, const std::string& version);

// By instance, alert and what it is about; those of instances that are deployed.
void list_alerts(const api_ports& ports, const call& what, const answer_function& answer);

}  // namespace sluice::api
