// + - * / % and the comparisons, on any values.
#pragma once

#include "expression/meter.hpp"
#include "expression/tree.hpp"
#include "json/value.hpp"

namespace sluice::expression {

// Whole numbers are exact as long as the result fits 64 bits (signed or unsigned); otherwise the
// nearest double is the result.
bool calculate(meter& used, operation op, json::value left, json::value right, json::value& out);
bool negate(meter& used, const json::value& operand, json::value& out);
bool compares(operation op, const json::value& left, const json::value& right);

// A whole double becomes an integer. Infinities and NaN stay what they are (value::unbounded).
json::value make_number(double number);

}  // namespace sluice::expression
