// Executions as people read them, from the JSON of the API.
#pragma once

#include <string>
#include <vector>

#include "json/value.hpp"

namespace sluice::cli {

// A table of summaries, newest first.
std::string executions_text(const json::value& items);
// One with each step's outcome, and its earlier attempts.
std::string execution_text(const json::value& detail);
// "Title: detail" of an error, or what else it is.
std::string error_text(const json::value& error);

}  // namespace sluice::cli
