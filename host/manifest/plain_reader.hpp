// Documents of the specification, without our envelope. Inside the module only.
#pragma once

#include "manifest/cursor.hpp"
#include "manifest/integration.hpp"
#include "manifest/reading.hpp"

namespace sluice::manifest {

// What a document calls itself. Members that are missing or wrong are empty.
workflow_name read_plain_name(const json::value& content);

// Reads one document as a flow called `name` and notes what is wrong. `shared` has `of`,
// `find_workflow` and `plain`; its `use` is that of the document afterwards.
flow read_plain_flow(const cursor& root, const std::string& name, reading& shared);

}  // namespace sluice::manifest
