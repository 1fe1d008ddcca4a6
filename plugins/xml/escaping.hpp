// The rules of XML 1.0 for names and text.
#pragma once

#include <string>
#include <string_view>

namespace xml {

// A name with at most one colon, between two names.
bool is_name(std::string_view text);
// Where the first character is that XML does not allow at all, or npos.
std::size_t find_forbidden(std::string_view text);

// So that a parser reads exactly the text again, also its ends of lines.
void append_text(std::string& out, std::string_view text);
void append_attribute_text(std::string& out, std::string_view text);

}  // namespace xml
