// JSON pointers (RFC 6901).
#pragma once

#include <string>
#include <string_view>

#include "json/value.hpp"

namespace sluice::json {

// What `pointer` means in `document`; null when that is nothing. Valid as long as `document` is.
const value* find_pointer(const value& document, std::string_view pointer);

// Appends one more reference token, escaped.
void append_pointer(std::string& pointer, std::string_view token);

}  // namespace sluice::json
