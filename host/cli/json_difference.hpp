// What a value lacks of an expected one.
#pragma once

#include <string>
#include <vector>

#include "json/value.hpp"

namespace sluice::cli {

// Differences, one line each: `/title: expected "x", got "y"`. Objects may have more members than
// expected; arrays must be as long. `{ $any: true }` fits everything, `{ $regex: "..." }` text that
// the pattern is found in, `{ $exact: value }` only that value.
std::vector<std::string> differences(const json::value& expected, const json::value& actual,
                                     const std::string& place = {});

}  // namespace sluice::cli
