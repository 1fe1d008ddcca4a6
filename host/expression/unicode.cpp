#include "expression/unicode.hpp"

#include "base/encoding.hpp"

namespace sluice::expression {
namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

}  // namespace

void append_utf8(std::string& out, char32_t code) {
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) code = 0xfffd;
    const auto put = [&out](char32_t byte) { out += static_cast<char>(byte); };
    if (code < 0x80) {
        put(code);
    } else if (code < 0x800) {
        put(0xc0 | (code >> 6));
        put(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        put(0xe0 | (code >> 12));
        put(0x80 | ((code >> 6) & 0x3f));
        put(0x80 | (code & 0x3f));
    } else {
        put(0xf0 | (code >> 18));
        put(0x80 | ((code >> 12) & 0x3f));
        put(0x80 | ((code >> 6) & 0x3f));
        put(0x80 | (code & 0x3f));
    }
}

char32_t next_code_point(std::string_view text, std::size_t& at) {
    const auto lead = static_cast<unsigned char>(text[at++]);
    if (lead < 0x80) return lead;
    char32_t code = lead < 0xe0 ? lead & 0x1f : lead < 0xf0 ? lead & 0x0f : lead & 0x07;
    while (at < text.size() && is_continuation(text[at])) {
        code = (code << 6) | (static_cast<unsigned char>(text[at++]) & 0x3f);
    }
    return code;
}

void append_as_utf8(std::string& out, std::string_view bytes) {
    while (true) {
        const std::size_t valid = base::valid_utf8_length(bytes);
        out.append(bytes.substr(0, valid));
        if (valid == bytes.size()) return;
        append_utf8(out, 0xfffd);
        // One mark for a character that breaks off, however many of its bytes are there.
        const auto lead = static_cast<unsigned char>(bytes[valid]);
        std::size_t left = lead < 0xc0   ? 0
                           : lead < 0xe0 ? 1
                           : lead < 0xf0 ? 2
                           : lead < 0xf8 ? 3
                                         : 0;
        bytes.remove_prefix(valid + 1);
        for (; left > 0 && !bytes.empty() && is_continuation(bytes.front()); --left)
            bytes.remove_prefix(1);
    }
}

std::size_t count_code_points(std::string_view text) {
    std::size_t count = 0;
    for (const char c : text)
        count += is_continuation(c) ? 0 : 1;
    return count;
}

std::size_t offset_of_code_point(std::string_view text, std::size_t index) {
    std::size_t at = 0;
    while (at < text.size()) {
        if (!is_continuation(text[at])) {
            if (index == 0) return at;
            --index;
        }
        ++at;
    }
    return text.size();
}

}  // namespace sluice::expression
