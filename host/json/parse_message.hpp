// What to tell a person about broken JSON text. Inside the module only.
#pragma once

#include <rapidjson/error/error.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "base/error.hpp"

namespace sluice::json {

// What was expected, as a half sentence.
std::string_view describe(rapidjson::ParseErrorCode code);

// `offset` in bytes becomes line and column (in characters).
base::error parse_error(std::string_view text, std::size_t offset, std::string_view problem);

}  // namespace sluice::json
