// How large a value is when it is written out or compared.
//
// Values share their parts, so a program can make one in a few steps that would fill the machine as
// text: reduce range(60) as $i (1; [., .]). Whatever walks a whole value measures it first.
#pragma once

#include <cstddef>

#include "json/value.hpp"

namespace sluice::expression {

struct extent {
    std::size_t bytes = 0;  // about; every use of a shared part counts
    std::size_t depth = 0;
    bool finite = true;    // no number among the parts is NaN or infinite
    bool complete = true;  // false: larger than the limits, the numbers are not final
};

// Stops at the limits; costs no more than `bytes` allow.
extent measure(const json::value& content, std::size_t bytes, std::size_t depth);

// What JSON can say of `content`: null for NaN, the largest double for an infinity. `content` must
// not nest deeper than the stack allows.
json::value made_finite(const json::value& content);

}  // namespace sluice::expression
