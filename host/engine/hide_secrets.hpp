// What an execution shows and keeps holds no value of a secret of its instance.
#pragma once

#include <string>

#include "engine/bound_flow.hpp"
#include "engine/fault.hpp"

namespace sluice::engine {

// With "[redacted]" in the places of secrets (also in base64, hex and percent-encoding), in text,
// names of members and numbers. Without any it is the very value that was given.
json::value hide_secrets(const bound_flow& flow, json::value content);
fault hide_secrets(const bound_flow& flow, fault error);
// The same for JSON text, which stays JSON.
std::string hide_secrets_in_json(const bound_flow& flow, std::string text);
// `content`, and its JSON text: cheaper where the text is wanted anyway.
std::string to_text_without_secrets(const bound_flow& flow, json::value& content);

}  // namespace sluice::engine
