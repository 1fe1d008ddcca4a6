// How a file is called that a step has claimed: "0123456789abcdef-orders.csv". The digits are those
// of step_hash(), so two files of one name do not meet, and a repetition knows its own.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "sluice/failure.hpp"

namespace sluice {
inline namespace sdk {

// SLUICE_INVALID_INPUT when the name would be longer than file systems allow.
inline std::string claimed_name(std::string_view hash, std::string_view name) {
    constexpr std::size_t longest_name = 255;
    std::string made = std::string(hash) + "-" + std::string(name);
    if (made.size() > longest_name) {
        throw failure(SLUICE_INVALID_INPUT,
                      "the file's name is too long to be claimed: give it a "
                      "shorter one with 'move' first");
    }
    return made;
}

// "orders.csv" again; a name without digits stays as it is.
inline std::string original_name(std::string_view name) {
    constexpr std::size_t digits = 16;
    const bool is_claimed = name.size() > digits + 1 && name[digits] == '-' &&
                            name.find_first_not_of("0123456789abcdef") == digits;
    return std::string(is_claimed ? name.substr(digits + 1) : name);
}

}  // namespace sdk
}  // namespace sluice
