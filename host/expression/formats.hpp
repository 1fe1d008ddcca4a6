// @text, @json, @csv ...: a value as text for some place.
#pragma once

#include <string>
#include <string_view>

#include "expression/meter.hpp"

namespace sluice::expression {

bool is_format(std::string_view name);
std::vector<std::string> known_formats();

// Appends `content` in the format `name` (empty: text).
bool append_formatted(meter& used, std::string_view name, const json::value& content,
                      std::string& out);

}  // namespace sluice::expression
