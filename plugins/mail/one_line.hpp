// Text that stands in a line of a protocol or of a message's header.
#pragma once

#include <algorithm>
#include <string_view>

namespace sluice::mail {

inline bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
}

inline bool is_one_line(std::string_view text) { return std::ranges::none_of(text, is_control); }

}  // namespace sluice::mail
