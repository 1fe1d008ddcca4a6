// Settles what every name of a parsed program means, and which code gives exactly one result.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "expression/tree.hpp"

namespace sluice::expression {

// Throws syntax_error for names that mean nothing. Fills `into` but its text.
void bind(node_ptr root, std::span<const std::string> variable_names, compiled& into);

}  // namespace sluice::expression
