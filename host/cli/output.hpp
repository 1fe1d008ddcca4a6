// What the commands print: tables and sentences for people, one JSON document for programs.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/execution_json.hpp"
#include "base/error.hpp"
#include "json/value.hpp"

namespace sluice::cli {

// Columns padded to the widest cell, two spaces between them. The first row is the heading.
// Control characters in cells (they come from third parties) are shown as "?".
std::string table(const std::vector<std::vector<std::string>>& rows);

void print(std::string_view text);             // to standard output, as it is
void print_json(const json::value& content);   // indented, with a line end
void print_error(const base::error& problem);  // "error: ..." to standard error

// "2026-11-23 13:24:05Z"; "-" for 0.
std::string time_text(std::int64_t unix_ms);

using api::json_or_text;

// The text cut to `width` bytes at a character's border, with "..." when something was cut.
std::string shortened(std::string_view text, std::size_t width);

}  // namespace sluice::cli
