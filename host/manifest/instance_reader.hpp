#pragma once

#include "manifest/cursor.hpp"
#include "manifest/instance_file.hpp"

namespace sluice::manifest {

instance_file read_instance(const cursor& root);

// The kind of reference that `content` is: "$env", "$file", or empty.
std::string_view reference_kind(const json::value& content);

}  // namespace sluice::manifest
