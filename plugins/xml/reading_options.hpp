// How elements become JSON, and what is too much.
#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <sluice/json.hpp>
#include <string>

namespace xml {

using sluice::json;

enum class naming {
    keep,    // as it is written, with its prefix
    expand,  // {uri}name, or with the prefix that `prefixes` has for the uri
    local,   // without prefix
};

struct reading_options {
    naming names = naming::keep;
    std::map<std::string, std::string> prefixes;  // by uri
    std::set<std::string> lists;                  // names that are always lists
    bool trim = true;
    std::size_t max_depth = 100;
    std::size_t max_attributes = 256;
};

// SLUICE_INVALID_INPUT
reading_options read_options(const json& input);

}  // namespace xml
