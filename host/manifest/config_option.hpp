// The choices of a picklist, as data.
#pragma once

#include <vector>

#include "base/result.hpp"
#include "json/value.hpp"
#include "manifest/config_declaration.hpp"

namespace sluice::manifest {

// A text, a number, true, false, or {value, label}; without a label it is the value's text.
base::result<config_option> option_of(const json::value& content);

// A list of them, as an action gave it; of equal values the first. The error says which one is
// none.
base::result<std::vector<config_option>> options_of(const json::value& content);

// [{value, label}]
json::value options_json(const std::vector<config_option>& all);

}  // namespace sluice::manifest
