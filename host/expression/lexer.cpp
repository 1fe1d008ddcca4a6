#include "expression/lexer.hpp"

#include <array>

#include "expression/unicode.hpp"

namespace sluice::expression {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_name_part(char c) { return is_name_start(c) || is_digit(c); }

// Longer ones first: the first match wins.
constexpr std::array<std::string_view, 36> symbols = {
    "?//", "//=", "|=", "+=", "-=", "*=", "/=", "%=", "==", "!=", "<=", ">=",
    "//",  "..",  "|",  ",",  "=",  "<",  ">",  "+",  "-",  "*",  "/",  "%",
    "(",   ")",   "[",  "]",  "{",  "}",  ":",  ";",  ".",  "?",  "$",  "@"};

}  // namespace

void lexer::skip_blanks() {
    while (at_ < text_.size()) {
        const char c = text_[at_];
        if (c == '#') {
            while (at_ < text_.size() && text_[at_] != '\n')
                ++at_;
        } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            ++at_;
        } else {
            return;
        }
    }
}

std::string lexer::read_name() {
    const std::size_t start = at_;
    while (is_name_part(peek()))
        ++at_;
    return std::string(text_.substr(start, at_ - start));
}

token lexer::read_number(std::size_t start) {
    while (is_digit(peek()))
        ++at_;
    if (peek() == '.') {
        ++at_;
        while (is_digit(peek()))
            ++at_;
    }
    if (peek() == 'e' || peek() == 'E') {
        const std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 2 : 1;
        if (is_digit(peek(sign))) {
            at_ += sign;
            while (is_digit(peek()))
                ++at_;
        }
    }
    return {token_kind::number, std::string(text_.substr(start, at_ - start)), start};
}

token lexer::next() {
    skip_blanks();
    const std::size_t start = at_;
    if (at_ >= text_.size()) return {token_kind::end, "", start};
    const char c = peek();
    if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return read_number(start);
    if (is_name_start(c)) return {token_kind::identifier, read_name(), start};
    if (c == '.' && is_name_start(peek(1))) {
        ++at_;
        return {token_kind::field, read_name(), start};
    }
    if ((c == '$' || c == '@') && is_name_start(peek(1))) {
        ++at_;
        return {c == '$' ? token_kind::variable : token_kind::format, read_name(), start};
    }
    if (c == '"') {
        ++at_;
        return {token_kind::quote, "", start};
    }
    for (const std::string_view symbol : symbols) {
        if (text_.substr(at_, symbol.size()) == symbol) {
            at_ += symbol.size();
            return {token_kind::symbol, std::string(symbol), start};
        }
    }
    if (c == '\'') throw syntax_error{"text is quoted with \" here, not with '", "", start};
    if (c == '&') throw syntax_error{"unexpected \"&\"", "logical and is written: a and b", start};
    if (c == '!') throw syntax_error{"unexpected \"!\"", "negation is written: a | not", start};
    throw syntax_error{"unexpected character", "", start};
}

unsigned lexer::read_hex4() {
    unsigned code = 0;
    for (int i = 0; i < 4; ++i) {
        const char c = peek();
        unsigned digit = 0;
        if (is_digit(c)) {
            digit = static_cast<unsigned>(c - '0');
        } else if (c >= 'a' && c <= 'f') {
            digit = static_cast<unsigned>(c - 'a') + 10;
        } else if (c >= 'A' && c <= 'F') {
            digit = static_cast<unsigned>(c - 'A') + 10;
        } else {
            throw syntax_error{"\\u needs four hexadecimal digits", "", at_};
        }
        code = code * 16 + digit;
        ++at_;
    }
    return code;
}

void lexer::read_escape(std::string& into) {
    const char c = peek();
    ++at_;
    switch (c) {
        case '"':
            into += '"';
            return;
        case '\\':
            into += '\\';
            return;
        case '/':
            into += '/';
            return;
        case 'b':
            into += '\b';
            return;
        case 'f':
            into += '\f';
            return;
        case 'n':
            into += '\n';
            return;
        case 'r':
            into += '\r';
            return;
        case 't':
            into += '\t';
            return;
        case 'u': {
            char32_t code = read_hex4();
            if (code >= 0xd800 && code < 0xdc00 && peek() == '\\' && peek(1) == 'u') {
                at_ += 2;
                const char32_t low = read_hex4();
                code = low >= 0xdc00 && low < 0xe000
                           ? 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00)
                           : 0xfffd;
            }
            append_utf8(into, code);
            return;
        }
        default:
            throw syntax_error{
                "unknown escape in text",
                "known: \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX and \\(expression)", at_ - 2};
    }
}

string_piece lexer::read_string_piece() {
    string_piece piece;
    const std::size_t start = at_;
    while (at_ < text_.size()) {
        const char c = text_[at_++];
        if (c == '"') return piece;
        if (c != '\\') {
            piece.text += c;
        } else if (peek() == '(') {
            ++at_;
            piece.then = string_piece::next::interpolation;
            return piece;
        } else {
            read_escape(piece.text);
        }
    }
    throw syntax_error{"text without its closing \"", "", start > 0 ? start - 1 : 0};
}

}  // namespace sluice::expression
