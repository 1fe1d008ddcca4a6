#pragma once

#include "manifest/cursor.hpp"
#include "manifest/integration.hpp"
#include "manifest/reading.hpp"

namespace sluice::manifest {

// One member of `flows`. `shared.of` has everything but its flows.
flow read_flow(const cursor& at, reading& shared);

// What a flow and a document of the specification have alike: input, output, timeout, do.
class task_reader;
void read_flow_body(const cursor& at, reading& shared, task_reader& tasks, flow& into);

}  // namespace sluice::manifest
