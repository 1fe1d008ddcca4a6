#pragma once

#include "expression/tree.hpp"

namespace sluice::expression {

// Marks the nodes that give exactly one result whatever the input is (or fail). Such code runs
// without callbacks. A recursive function is taken to be single until its body shows otherwise.
void find_single(compiled& code);

}  // namespace sluice::expression
