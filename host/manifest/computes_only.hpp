// Flows that do nothing but compute.
#pragma once

#include "manifest/integration.hpp"

namespace sluice::manifest {

// Whether a flow runs to its end without waiting for anything and without anybody noticing but its
// caller: tasks `set`, `switch`, `raise`, `do` and `try` without retry, no jump back, nothing that
// starts again or delivers a result. Then nothing is to be repeated or found again after a crash,
// unless the event was accepted.
bool computes_only(const flow& flow);

}  // namespace sluice::manifest
