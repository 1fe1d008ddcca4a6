#include "escaping.hpp"

#include <cstdint>
#include <sluice/detail/utf8.hpp>

namespace xml {

namespace {

struct range {
    std::uint32_t first, last;
};

// NameStartChar of XML 1.0, fifth edition, without the colon.
constexpr range starts[] = {{'A', 'Z'},       {'_', '_'},       {'a', 'z'},        {0xC0, 0xD6},
                            {0xD8, 0xF6},     {0xF8, 0x2FF},    {0x370, 0x37D},    {0x37F, 0x1FFF},
                            {0x200C, 0x200D}, {0x2070, 0x218F}, {0x2C00, 0x2FEF},  {0x3001, 0xD7FF},
                            {0xF900, 0xFDCF}, {0xFDF0, 0xFFFD}, {0x10000, 0xEFFFF}};
constexpr range others[] = {{'-', '.'}, {'0', '9'}, {0xB7, 0xB7}, {0x300, 0x36F}, {0x203F, 0x2040}};

template <std::size_t N>
bool is_in(std::uint32_t code, const range (&ranges)[N]) {
    for (const range& each : ranges) {
        if (code >= each.first && code <= each.last) return true;
    }
    return false;
}

// 0 at the end and for what is no UTF-8; moves behind the character.
std::uint32_t next_character(std::string_view& text) {
    const std::size_t length = sluice::detail::utf8_length(text);
    if (length == 0) return 0;
    const auto lead = static_cast<unsigned char>(text[0]);
    std::uint32_t code = length == 1 ? lead : lead & (0xFFu >> (length + 1));
    for (std::size_t i = 1; i < length; ++i)
        code = code << 6 | (static_cast<unsigned char>(text[i]) & 0x3Fu);
    text.remove_prefix(length);
    return code;
}

bool is_plain_name(std::string_view text) {
    if (!is_in(next_character(text), starts)) return false;
    while (!text.empty()) {
        const std::uint32_t code = next_character(text);
        if (!is_in(code, starts) && !is_in(code, others)) return false;
    }
    return true;
}

void append_escaped(std::string& out, std::string_view text, std::string_view special) {
    while (!text.empty()) {
        const std::size_t plain = std::min(text.find_first_of(special), text.size());
        out += text.substr(0, plain);
        if (plain == text.size()) return;
        switch (text[plain]) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '"':
                out += "&quot;";
                break;
            default:
                out += "&#" + std::to_string(static_cast<int>(text[plain])) + ";";
        }
        text.remove_prefix(plain + 1);
    }
}

}  // namespace

bool is_name(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == text.npos) return is_plain_name(text);
    return is_plain_name(text.substr(0, colon)) && is_plain_name(text.substr(colon + 1));
}

std::size_t find_forbidden(std::string_view text) {
    const std::string_view all = text;
    while (!text.empty()) {
        const std::size_t at = all.size() - text.size();
        const std::uint32_t code = next_character(text);
        const bool allowed = code >= 0x20 ? code != 0xFFFE && code != 0xFFFF
                                          : code == '\t' || code == '\n' || code == '\r';
        if (!allowed) return at;
    }
    return all.npos;
}

// A parser makes a line feed of every CR that is not written as a reference.
void append_text(std::string& out, std::string_view text) { append_escaped(out, text, "&<>\r"); }

// ... and in attributes a space of every end of line and tab.
void append_attribute_text(std::string& out, std::string_view text) {
    append_escaped(out, text, "&<>\"\t\r\n");
}

}  // namespace xml
