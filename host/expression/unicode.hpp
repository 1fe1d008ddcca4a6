// Code points of UTF-8 text that is known to be valid.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sluice::expression {

// Surrogates and values above U+10FFFF become U+FFFD.
void append_utf8(std::string& out, char32_t code);

// The code point that starts at `at`; moves `at` behind it.
char32_t next_code_point(std::string_view text, std::size_t& at);

std::size_t count_code_points(std::string_view text);

// Byte offset of code point number `index`; the text's size when there are fewer.
std::size_t offset_of_code_point(std::string_view text, std::size_t index);

// Appends bytes of which some may be no UTF-8: each that is none becomes U+FFFD.
void append_as_utf8(std::string& out, std::string_view bytes);

}  // namespace sluice::expression
