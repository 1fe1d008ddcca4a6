#pragma once

#include "manifest/cursor.hpp"
#include "manifest/integration.hpp"
#include "manifest/reading.hpp"

namespace sluice::manifest {

// `alerts`: the last part that is read, as it names flows and connections.
void read_alerts(const cursor& at, reading& shared, integration& into);

}  // namespace sluice::manifest
