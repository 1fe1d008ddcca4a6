#include "expression/json_string.hpp"

#include <charconv>
#include <optional>

#include "expression/unicode.hpp"

namespace sluice::expression {
namespace {

constexpr std::size_t digits = 4;

std::optional<char32_t> read_hex4(std::string_view text) {
    unsigned code = 0;
    const char* const end = text.data() + digits;
    const auto read = std::from_chars(text.data(), end, code, 16);
    if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
    return code;
}

// The code point of a \u escape; `text` begins behind "\u" and loses what was read.
const char* read_code_point(std::string_view& text, char32_t& code) {
    if (text.size() < digits) return "Invalid \\uXXXX escape";
    const auto first = read_hex4(text);
    if (!first) return "Invalid characters in \\uXXXX escape";
    text.remove_prefix(digits);
    code = *first;
    if (code < 0xd800 || code >= 0xdc00) return nullptr;
    constexpr const char* broken = "Invalid \\uXXXX\\uXXXX surrogate pair escape";
    if (text.size() < digits + 2 || !text.starts_with("\\u")) return broken;
    const auto second = read_hex4(text.substr(2));
    if (!second || *second < 0xdc00 || *second > 0xdfff) return broken;
    text.remove_prefix(digits + 2);
    code = 0x10000 + ((code - 0xd800) << 10) + (*second - 0xdc00);
    return nullptr;
}

}  // namespace

const char* read_json_string(std::string_view written, std::string& out) {
    constexpr std::string_view letters = "\"\\/bfnrt";
    constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
    while (!written.empty()) {
        const char c = written.front();
        written.remove_prefix(1);
        if (static_cast<unsigned char>(c) < 0x20) {
            return "Invalid string: control characters from U+0000 through U+001F must be escaped";
        }
        if (c != '\\') {
            out += c;
            continue;
        }
        if (written.empty()) return "Expected escape character at end of string";
        const char letter = written.front();
        written.remove_prefix(1);
        const std::size_t known = letters.find(letter);
        if (known != std::string_view::npos) {
            out += meanings[known];
        } else if (letter == 'u') {
            char32_t code = 0;
            if (const char* const problem = read_code_point(written, code)) return problem;
            append_utf8(out, code);
        } else {
            return "Invalid escape";
        }
    }
    return nullptr;
}

}  // namespace sluice::expression
