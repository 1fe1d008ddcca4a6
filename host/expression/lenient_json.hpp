// JSON as `fromjson` and `tonumber` read it: like the host's strict reader and, where that refuses
// a text, once more like jq, which takes NaN, more forms of numbers and repeated keys, and says in
// its own words what is wrong.
#pragma once

#include <string_view>

#include "expression/meter.hpp"
#include "json/value.hpp"

namespace sluice::expression {

bool parse_leniently(meter& used, std::string_view text, json::value& out);

}  // namespace sluice::expression
