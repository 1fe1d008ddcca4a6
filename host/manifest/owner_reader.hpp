// Inside the module only.
#pragma once

#include "manifest/cursor.hpp"
#include "manifest/owner_file.hpp"

namespace sluice::manifest {

// A file of a customer (`customer: NAME`) or of the organization (`organization: {..}`).
owner_file read_owner(const cursor& root);

}  // namespace sluice::manifest
