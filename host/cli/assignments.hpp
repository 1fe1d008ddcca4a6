// NAME=VALUE of a command line.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "json/value.hpp"

namespace sluice::cli {

// An object by name. A value is JSON where it is some, else text; @FILE: what the file holds,
// without its last line break. Blocks. Errors: invalid_input, a text that is no NAME=VALUE; those
// of reading the file.
base::result<json::value> read_assignments(const std::vector<std::string>& texts);

}  // namespace sluice::cli
