// Whether a value fits its config variable, and what flows see of it.
#pragma once

#include <string>
#include <vector>

#include "json/value.hpp"
#include "manifest/config_declaration.hpp"

namespace sluice::manifest {

struct integration;

struct value_problem {
    std::string pointer;  // JSON pointer into the value; empty: the value itself
    std::string message;
    std::string hint;
};

// Everything that is wrong with `content`; `what` begins each message: "config.region". References
// inside it count as fitting. Values are shown in messages only when `show` is set, and never those
// of secrets. Reads the system's time zones (may block the first time).
std::vector<value_problem> check_value(const config_declaration& of, const json::value& content,
                                       const std::string& what, bool show);

// What `config` of an instance gives for the variable `name`, under that name or one that it had in
// an earlier version; null: nothing.
const json::value* given_value(const integration& of, const json::value& config,
                               const std::string& name);

// What a reference gave, as the variable's type: `[1, 2]` of a file becomes a list.
json::value value_of_text(const config_declaration& of, const std::string& text);

// A value that fits, as `$config` has it: a timestamp in UTC, keyValues as a list.
json::value normalised(const config_declaration& of, json::value content);

}  // namespace sluice::manifest
