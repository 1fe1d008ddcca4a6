#include "argument_text.hpp"

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sluice::dropbox {
namespace {

void add_escaped(std::string& out, std::uint32_t unit) {
    constexpr std::string_view digits = "0123456789abcdef";
    out += "\\u";
    for (const unsigned shift : {12U, 8U, 4U, 0U})
        out += digits[unit >> shift & 0xF];
}

// The code point that begins at `at`, which is moved behind it. The text is known to be UTF-8.
std::uint32_t take_code_point(std::string_view text, std::size_t& at) {
    const auto lead = static_cast<unsigned char>(text[at++]);
    const unsigned more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    std::uint32_t point = lead & (0x3FU >> more);
    for (unsigned i = 0; i < more; ++i)
        point = point << 6 | (static_cast<unsigned char>(text[at++]) & 0x3FU);
    return point;
}

}  // namespace

std::string argument_text(const json& value) {
    const std::string text = value.dump();
    std::string out;
    out.reserve(text.size());
    for (std::size_t at = 0; at < text.size();) {
        const char c = text[at];
        if (c == '\x7F') {
            add_escaped(out, 0x7F);
            ++at;
        } else if (static_cast<unsigned char>(c) < 0x80) {
            out += c;
            ++at;
        } else if (const std::uint32_t point = take_code_point(text, at); point >= 0x10000) {
            add_escaped(out, 0xD800 + ((point - 0x10000) >> 10));
            add_escaped(out, 0xDC00 + ((point - 0x10000) & 0x3FF));
        } else {
            add_escaped(out, point);
        }
    }
    return out;
}

}  // namespace sluice::dropbox
