// Patterns as JSON Schema means them. Inside the module only.
#pragma once

#include <string>
#include <string_view>

#include "base/regex.hpp"

namespace sluice::json::schemas {

// What ECMA 262 (with its u flag) means by `pattern`, in the syntax of base::regex, where the two
// differ: $ is the very end, \d and \w are ASCII, \uXXXX is a character, [ in a class is itself.
std::string from_ecma(std::string_view pattern);

base::result<base::regex> compile_pattern(std::string_view pattern);

}  // namespace sluice::json::schemas
