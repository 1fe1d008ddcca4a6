// The kinds of values as JSON Schema names them, and values in the words of a message. Inside the
// module only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "json/value.hpp"

namespace sluice::json::schemas {

// A set of kinds. "integer" is a part of "number" and has a bit of its own.
using kinds = std::uint8_t;
inline constexpr kinds any_kind = 0x7f;

std::optional<kinds> kind_named(std::string_view name);
bool is_of(const value& content, kinds accepted);

// "string", "string or null", "string, number or null"
std::string names_of(kinds accepted);

// "number 3", "string \"abc\"", "array", "null"; only the kind without `show_value`.
std::string describe(const value& content, bool show_value);
// The value as JSON text, shortened.
std::string short_text(const value& content);
// "1 item", "2 items"
std::string amount(std::uint64_t count, std::string_view noun);

}  // namespace sluice::json::schemas
