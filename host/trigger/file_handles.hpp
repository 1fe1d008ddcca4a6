// Files of a call end with it: what a call gives for later may not name any.
#pragma once

#include "json/value.hpp"

namespace sluice::trigger {

// Whether there is a file's handle, {"$blob": ...}, anywhere in it.
bool holds_file(const json::value& content);

}  // namespace sluice::trigger
