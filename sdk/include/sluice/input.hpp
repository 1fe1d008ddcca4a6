// Reading an action's input. What is missing or of another kind is SLUICE_INVALID_INPUT.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sluice/failure.hpp"
#include "sluice/json.hpp"

namespace sluice {
inline namespace sdk {
namespace detail {

[[noreturn]] inline void refuse_input(const json& input, std::string_view key, const char* wanted) {
    const json& found = input[key];
    throw failure(SLUICE_INVALID_INPUT, found.is_null()
                                            ? "the input needs '" + std::string(key) + "'"
                                            : "'" + std::string(key) + "' must be " + wanted +
                                                  ", it is " + found.kind_name());
}

}  // namespace detail

// Borrowed from the input. An empty string counts as missing.
inline const std::string& required_string(const json& input, std::string_view key) {
    const json& found = input[key];
    if (!found.is_string()) detail::refuse_input(input, key, "a string");
    if (found.empty()) {
        throw failure(SLUICE_INVALID_INPUT, "'" + std::string(key) + "' must not be empty");
    }
    return found.as_string();
}

inline std::int64_t required_int(const json& input, std::string_view key) {
    const json& found = input[key];
    if (!found.is_int64()) detail::refuse_input(input, key, "a whole number");
    return found.as_int64();
}

inline const json& required_array(const json& input, std::string_view key) {
    const json& found = input[key];
    if (!found.is_array()) detail::refuse_input(input, key, "an array");
    return found;
}

inline const json& required_object(const json& input, std::string_view key) {
    const json& found = input[key];
    if (!found.is_object()) detail::refuse_input(input, key, "an object");
    return found;
}

}  // namespace sdk
}  // namespace sluice
