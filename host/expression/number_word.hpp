// A number as jq reads it: more freely than JSON writes it.
#pragma once

#include <string_view>

#include "json/value.hpp"

namespace sluice::expression {

// Takes a sign, leading zeros, a point at either end, and in any case "nan" (digits may follow),
// "inf" and "infinity". False when `word` is no number.
bool read_number_word(std::string_view word, json::value& out);

}  // namespace sluice::expression
