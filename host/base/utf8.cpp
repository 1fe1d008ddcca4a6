// The UTF-8 check of base/encoding.hpp.
#include <cstdint>
#include <cstring>

#include "base/encoding.hpp"

namespace sluice::base {

namespace {

// The length of the sequence at the start of `text` (well formed: Unicode 15, table 3-7), 0 when
// there is none.
std::size_t sequence_length(const unsigned char* text, std::size_t left) {
    const unsigned char first = text[0];
    if (first < 0x80) return 1;
    std::size_t length = 0;
    unsigned char lowest = 0x80;  // bounds of the second byte
    unsigned char highest = 0xbf;
    if (first >= 0xc2 && first <= 0xdf) {
        length = 2;
    } else if (first >= 0xe0 && first <= 0xef) {
        length = 3;
        if (first == 0xe0) lowest = 0xa0;   // shorter forms exist
        if (first == 0xed) highest = 0x9f;  // surrogates
    } else if (first >= 0xf0 && first <= 0xf4) {
        length = 4;
        if (first == 0xf0) lowest = 0x90;   // shorter forms exist
        if (first == 0xf4) highest = 0x8f;  // above U+10FFFF
    }
    if (length == 0 || left < length) return 0;
    if (text[1] < lowest || text[1] > highest) return 0;
    for (std::size_t i = 2; i < length; ++i) {
        if ((text[i] & 0xc0) != 0x80) return 0;
    }
    return length;
}

}  // namespace

bool is_valid_utf8(std::string_view text) { return valid_utf8_length(text) == text.size(); }

std::size_t valid_utf8_length(std::string_view text) {
    const auto* at = reinterpret_cast<const unsigned char*>(text.data());
    std::size_t left = text.size();
    while (left > 0) {
        std::uint64_t eight = 0;
        if (left >= sizeof eight) {
            std::memcpy(&eight, at, sizeof eight);
            if ((eight & 0x8080808080808080u) == 0) {
                at += sizeof eight;
                left -= sizeof eight;
                continue;
            }
        }
        const std::size_t length = sequence_length(at, left);
        if (length == 0) break;
        at += length;
        left -= length;
    }
    return text.size() - left;
}

}  // namespace sluice::base
