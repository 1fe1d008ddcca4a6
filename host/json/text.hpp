// JSON text to values and back (RFC 8259, strict).
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "json/value.hpp"

namespace sluice::json {

struct parse_limits {
    std::size_t bytes = 16u << 20;
    std::size_t depth = 512;
};

// Refuses: duplicate keys, invalid UTF-8, NaN, comments, trailing text, more than `limits`. The
// error's `where` carries line and column of the text (file empty).
base::result<value> parse(std::string_view text, const parse_limits& limits = {});

// Compact. Integers exact, doubles in the shortest form that reads back the same, unread number
// texts unchanged.
std::string to_text(const value& content);
// Two spaces of indentation, for people.
std::string to_pretty_text(const value& content);
// Appends compact text.
void append_text(std::string& out, const value& content);

}  // namespace sluice::json
