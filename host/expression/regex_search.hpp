// The searches behind match, test, sub and their relatives.
#pragma once

#include <string>
#include <vector>

#include "expression/meter.hpp"
#include "json/value.hpp"

namespace sluice::expression {

// One group of a match, or the match itself; places in characters as programs count, and in bytes.
struct text_span {
    bool matched = false;
    std::size_t offset = 0;  // in characters
    std::size_t length = 0;
    std::size_t begin = 0;  // in bytes
    std::size_t size = 0;
};

struct text_match {
    text_span whole;
    std::vector<text_span> groups;
};

struct found_matches {
    std::vector<text_match> matches;
    std::vector<json::value> group_names;  // by group; null for one without a name
};

enum class search_for { any, all_matches };

// `pattern` is text; `flags` text or null, of g (all matches, not the first alone), i, x, m, s, p,
// l and n. With search_for::any the first match is enough, whatever the flags say. Records a
// failure and returns false when one of the three is no text, or the search breaks its limit.
bool find_matches(meter& used, const json::value& text, const json::value& pattern,
                  const json::value& flags, search_for wanted, found_matches& out);

}  // namespace sluice::expression
