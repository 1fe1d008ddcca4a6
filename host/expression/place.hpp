#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sluice::expression {

struct text_place {
    int line = 1;
    int column = 1;  // in code points
};

text_place find_place(std::string_view text, std::size_t offset);

// The line of `offset`, indented by two, and below it a caret under the place. A long line is cut
// to what surrounds it.
std::string show_place(std::string_view text, std::size_t offset);

}  // namespace sluice::expression
