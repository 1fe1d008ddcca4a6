#include "expression/lexer.hpp"

#include <algorithm>
#include <array>

#include "expression/json_string.hpp"

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

int lexer::line_of(std::size_t offset) const {
    return 1 + static_cast<int>(std::count(
                   text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(offset), '\n'));
}

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

// One or more escapes, which are read like a JSON string of their own.
void lexer::read_escapes(std::string& into) {
    const std::size_t start = at_;
    while (peek() == '\\' && peek(1) != '(' && at_ + 1 < text_.size()) {
        at_ += 2;
        if (text_[at_ - 1] != 'u') continue;
        for (int i = 0; i < 4 && is_name_part(peek()) && peek() != '_'; ++i)
            ++at_;
    }
    const std::string run(text_.substr(start, at_ - start));
    if (const char* const problem = read_json_string(run, into)) {
        throw syntax_error{
            std::string(problem) + " at line 1, column " + std::to_string(run.size() + 2) +
                " (while parsing '\"" + run + "\"')",
            "known: \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\uXXXX and \\(expression)", start};
    }
}

string_piece lexer::read_string_piece() {
    string_piece piece;
    const std::size_t start = at_;
    while (at_ < text_.size()) {
        const char c = text_[at_];
        if (c != '\\') {
            ++at_;
            if (c == '"') return piece;
            piece.text += c;
        } else if (peek(1) == '(') {
            at_ += 2;
            piece.then = string_piece::next::interpolation;
            return piece;
        } else {
            if (at_ + 1 == text_.size()) break;
            read_escapes(piece.text);
        }
    }
    throw syntax_error{"text without its closing \"", "", start > 0 ? start - 1 : 0};
}

}  // namespace sluice::expression
