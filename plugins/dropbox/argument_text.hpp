// JSON for the header Dropbox-API-Arg, which takes ASCII alone.
#pragma once

#include <sluice/json.hpp>
#include <string>

namespace sluice::dropbox {

// Compact JSON in which everything outside of printable ASCII is written as \uXXXX.
std::string argument_text(const json& value);

}  // namespace sluice::dropbox
