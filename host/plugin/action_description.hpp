// What a descriptor says about one action.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "json/value.hpp"
#include "plugin/descriptor_checker.hpp"

namespace sluice::plugin {

enum class connection_need : std::uint8_t { none, optional, required };

// A failure that an action is known to end with.
struct error_description {
    base::error_code code = base::error_code::internal;
    std::string when;
};

struct action_description {
    std::string id;
    std::string title;
    std::string description;
    connection_need connection = connection_need::none;
    bool blocking = false;
    bool idempotent = false;
    bool verifier = false;     // may be named in `webhook.verify`
    bool handshake = false;    // a verifier that answers GET requests, too
    bool pages = false;        // takes `cursor`, gives `items`, `cursor` and `more`
    json::value input_schema;  // JSON Schema; null when the descriptor has none
    json::value output_schema;
    std::vector<error_description> errors;
};

// [a-zA-Z][a-zA-Z0-9]{0,63}: names of actions and of types of connections.
bool is_descriptor_name(std::string_view text);

// Failures go to `check`.
action_description read_action(descriptor_checker& check, const std::string& id,
                               const json::value& content);

}  // namespace sluice::plugin
