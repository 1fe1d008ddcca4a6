// Optional members of an action's input. What is there but of another kind or out of range is
// SLUICE_INVALID_INPUT; missing and null give the fallback.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "sluice/failure.hpp"
#include "sluice/input.hpp"
#include "sluice/json.hpp"

namespace sluice {
inline namespace sdk {

inline std::int64_t int_option(const json& input, std::string_view key, std::int64_t fallback,
                               std::int64_t least, std::int64_t most) {
    if (input[key].is_null()) return fallback;
    const std::int64_t value = required_int(input, key);
    if (value < least || value > most) {
        throw failure(SLUICE_INVALID_INPUT, "'" + std::string(key) + "' must be " +
                                                std::to_string(least) + " to " +
                                                std::to_string(most));
    }
    return value;
}

inline bool bool_option(const json& input, std::string_view key, bool fallback) {
    const json& found = input[key];
    if (found.is_null()) return fallback;
    if (!found.is_bool()) detail::refuse_input(input, key, "true or false");
    return found.as_bool();
}

// Unlike required_string, an empty one counts.
inline std::string string_option(const json& input, std::string_view key,
                                 std::string_view fallback) {
    const json& found = input[key];
    if (found.is_null()) return std::string(fallback);
    if (!found.is_string()) detail::refuse_input(input, key, "a string");
    return found.as_string();
}

// One of the names; the first one is the fallback.
inline std::string choice_option(const json& input, std::string_view key,
                                 std::initializer_list<std::string_view> names) {
    const std::string value = string_option(input, key, *names.begin());
    std::string all;
    for (const std::string_view name : names) {
        if (value == name) return value;
        all += (all.empty() ? "" : ", ") + std::string(name);
    }
    throw failure(SLUICE_INVALID_INPUT, "'" + std::string(key) + "' must be one of " + all);
}

}  // namespace sdk
}  // namespace sluice
