// Durations as manifests write them.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.hpp"
#include "json/value.hpp"

namespace sluice::manifest {

// Milliseconds from ISO 8601 text without years and months ("PT1M30S", "P1DT2H", "PT0.5S", "P2W")
// or an object of whole numbers ({"days","hours","minutes","seconds","milliseconds"}). Never
// negative.
base::result<std::int64_t> parse_duration(const json::value& content);

// Whether an object that is a duration may have this member.
base::result<void> check_unit(std::string_view name);

}  // namespace sluice::manifest
