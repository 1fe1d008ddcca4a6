#pragma once

#include <memory>

#include "manifest/cursor.hpp"
#include "manifest/task.hpp"

namespace sluice::manifest {

// `schema: { document: ... }` of input, output and export. Null when absent or wrong.
std::shared_ptr<const json::schema> read_schema(const cursor& at);

}  // namespace sluice::manifest
