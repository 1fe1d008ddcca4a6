// Names that steps give to files: made from the file's own name and the digits of step_hash(), and
// never longer than file systems allow. What is too long is cut before its ending (".csv").
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "sluice/detail/utf8.hpp"

namespace sluice {
inline namespace sdk {

inline constexpr std::size_t longest_file_name = 255;  // bytes

namespace detail {

// Where the ending of a name begins, its size when it has none.
inline std::size_t ending_of(std::string_view name) {
    constexpr std::size_t longest_ending = 32;
    const std::size_t point = name.rfind('.');
    const bool none = point == name.npos || point == 0 || name.size() - point > longest_ending;
    return none ? name.size() : point;
}

}  // namespace detail

// "a/b.csv" and "c.csv": "a/c.csv"
inline std::string beside(std::string_view path, std::string_view name) {
    return std::string(path.substr(0, path.rfind('/') + 1)).append(name);
}

// How a file is called that a step has claimed: "0123456789abcdef-orders.csv". Two files of one
// name do not meet, and a repetition knows its own.
inline std::string claimed_name(std::string_view hash, std::string_view name) {
    const std::string_view ending = name.substr(detail::ending_of(name));
    const std::string_view stem = name.substr(0, name.size() - ending.size());
    const std::size_t room = longest_file_name - hash.size() - 1 - ending.size();
    std::string made(hash);
    made += '-';
    made += detail::utf8_prefix(stem, room);
    return made += ending;
}

// "orders.csv" again; a name without digits stays as it is. What claimed_name() has cut is lost.
inline std::string original_name(std::string_view name) {
    constexpr std::size_t digits = 16;
    const bool is_claimed = name.size() > digits + 1 && name[digits] == '-' &&
                            name.find_first_not_of("0123456789abcdef") == digits;
    return std::string(is_claimed ? name.substr(digits + 1) : name);
}

// A name beside one that is taken: "done/orders.csv" gives "done/orders.0123456789abcdef.csv".
inline std::string with_hash(std::string_view path, std::string_view hash) {
    const std::string_view name = path.substr(path.rfind('/') + 1);
    const std::string_view ending = name.substr(detail::ending_of(name));
    const std::string_view stem = name.substr(0, name.size() - ending.size());
    const std::size_t room = longest_file_name - hash.size() - 1 - ending.size();
    std::string made(detail::utf8_prefix(stem, room));
    made += '.';
    made += hash;
    return beside(path, made += ending);
}

// What is written about a file, beside it: "failed/orders.csv" and ".reason.json" give
// "failed/orders.csv.reason.json"; a name that is too long for that is cut, and gets the digits.
inline std::string with_ending(std::string_view path, std::string_view ending,
                               std::string_view hash) {
    const std::string_view name = path.substr(path.rfind('/') + 1);
    if (name.size() + ending.size() <= longest_file_name) return std::string(path).append(ending);
    const std::size_t room = longest_file_name - hash.size() - 1 - ending.size();
    std::string made(detail::utf8_prefix(name, room));
    made += '.';
    made += hash;
    return beside(path, made += ending);
}

// Where a file is written before it gets its name: "in/orders.csv" gives
// "in/.orders.csv.part-0123456789abcdef".
inline std::string hidden_beside(std::string_view path, std::string_view hash) {
    constexpr std::string_view part = ".part-";
    const std::size_t room = longest_file_name - 1 - part.size() - hash.size();
    std::string made(".");
    made += detail::utf8_prefix(path.substr(path.rfind('/') + 1), room);
    made += part;
    return beside(path, made += hash);
}

}  // namespace sdk
}  // namespace sluice
