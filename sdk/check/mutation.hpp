// Changes a JSON value in a way that somebody or something might do it.
#pragma once

#include <random>
#include <vector>

#include "sluice/json.hpp"

namespace sluice::checking {

// One to four changes, of any place in the value.
json mutated(const json& value, std::mt19937_64& random);

// Values of every kind, and the edges of each.
const std::vector<json>& odd_values();

}  // namespace sluice::checking
