#pragma once

#include <string>

#include "expression/meter.hpp"

namespace sluice::expression {

// An array of the parts of `text` between `separator`; of its characters for an empty one; empty
// for empty text.
bool split_text(meter& used, const std::string& text, const std::string& separator,
                json::value& out);

}  // namespace sluice::expression
