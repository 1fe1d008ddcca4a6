#pragma once

#include "manifest/cursor.hpp"
#include "manifest/integration.hpp"
#include "manifest/task_reader.hpp"

namespace sluice::manifest {

// The one trigger of a flow.
void read_trigger(const cursor& at, const integration& of, task_reader& tasks, flow& into);

// The kind of trigger that a flow's text names; empty when there is none.
std::string trigger_name(const json::value& flow);

}  // namespace sluice::manifest
