#pragma once

#include <string_view>

#include "base/result.hpp"
#include "json/value.hpp"

namespace sluice::manifest {

// What a plain (unquoted) YAML scalar means by the core schema of YAML 1.2: `on`, `yes` and `1.2.3`
// are text; `true`, `null`, `12`, `0x1f` and `1e3` are not. Infinities and NaN are refused.
base::result<json::value> resolve_plain_scalar(std::string_view text);

}  // namespace sluice::manifest
