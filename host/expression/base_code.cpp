#include "expression/base_code.hpp"

namespace sluice::expression {

void encode(const base_code& code, std::string_view bytes, std::string& out) {
    const std::uint32_t mask = (1u << code.bits) - 1;
    std::uint32_t held = 0;
    unsigned bits = 0;
    std::size_t written = 0;
    const auto put = [&](std::uint32_t digit) {
        out += code.letters[digit & mask];
        ++written;
    };
    for (const char c : bytes) {
        held = (held << 8 | static_cast<unsigned char>(c)) & 0xffff;
        bits += 8;
        while (bits >= code.bits) {
            bits -= code.bits;
            put(held >> bits);
        }
    }
    if (bits > 0) put(held << (code.bits - bits));
    while (written % code.letters_in_group != 0) {
        out += '=';
        ++written;
    }
}

decoded decode(const base_code& code, std::string_view text) {
    decoded made;
    std::uint32_t held = 0;
    unsigned bits = 0;
    for (const char c : text.substr(0, text.find('='))) {
        const std::size_t digit = code.letters.find(c);
        if (digit == std::string_view::npos) {
            made.outcome = decoded::invalid;
            return made;
        }
        held = (held << code.bits | static_cast<std::uint32_t>(digit)) & 0xffff;
        bits += code.bits;
        if (bits >= 8) {
            bits -= 8;
            made.bytes += static_cast<char>(held >> bits & 0xff);
        }
    }
    // A whole letter is left over: it cannot have been part of a byte.
    if (bits >= code.bits) made.outcome = decoded::cut_off;
    return made;
}

}  // namespace sluice::expression
