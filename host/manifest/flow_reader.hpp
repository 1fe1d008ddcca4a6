#pragma once

#include "manifest/cursor.hpp"
#include "manifest/integration.hpp"
#include "manifest/use_reader.hpp"

namespace sluice::manifest {

// One member of `flows`. `of` has everything but its flows.
flow read_flow(const cursor& at, const integration& of, const use_parts& use);

}  // namespace sluice::manifest
