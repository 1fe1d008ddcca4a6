#pragma once

#include <string>
#include <string_view>

namespace sluice::expression {

// What stands between a JSON string's quotation marks, without its escapes. Gives what is wrong in
// jq's words, or null.
const char* read_json_string(std::string_view written, std::string& out);

}  // namespace sluice::expression
