// Executions as JSON: what the API answers and the command line prints.
#pragma once

#include <string>

#include "json/value.hpp"
#include "store/types.hpp"

namespace sluice::api {

// The trigger of an execution that repeats another one; its parent is the one it repeats.
inline constexpr const char* replay_kind = "replay";

// A text that holds JSON as a value; as a string when it is not JSON; null when empty.
json::value json_or_text(const std::string& text);

json::value summary_json(const store::execution_summary& one);
// The summary, payload, output and each step.
json::value detail_json(const store::execution_detail& one);

// false: payload, inputs and outputs were not kept (record: metadata).
bool keeps_bodies(const store::execution_detail& one);

}  // namespace sluice::api
