#pragma once

#include "manifest/cursor.hpp"
#include "manifest/instance_file.hpp"

namespace sluice::manifest {

instance_file read_instance(const cursor& root);

// A problem with what stands at a JSON pointer of the file, at its place there.
base::error problem_at(const instance_file& instance, const std::string& pointer,
                       std::string message, std::string hint = {});

}  // namespace sluice::manifest
