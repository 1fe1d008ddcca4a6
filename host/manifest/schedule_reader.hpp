#pragma once

#include <string>

#include "manifest/cursor.hpp"
#include "manifest/integration.hpp"
#include "manifest/template_reader.hpp"

namespace sluice::manifest {

schedule_trigger read_schedule(const cursor& at, const config_declarations& config);

// A time zone by its name in the IANA data base, as this system has it.
void check_time_zone(const cursor& at, const std::string& name);
// What to write instead of a name that is none.
std::string time_zone_hint(const std::string& name);

}  // namespace sluice::manifest
