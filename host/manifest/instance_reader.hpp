#pragma once

#include <string>
#include <string_view>

#include "manifest/cursor.hpp"
#include "manifest/instance_file.hpp"

namespace sluice::manifest {

instance_file read_instance(const cursor& root);

// What instances and their owners have in common:
// source, document and positions of the file,
void take_source(const cursor& root, applied_file& into);
// a name, with a problem when it is none,
std::string read_name(const cursor& at, std::string_view what);
// and objects that look like a reference but are none: each a problem.
void check_references(const cursor& at);

}  // namespace sluice::manifest
