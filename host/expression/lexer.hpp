// Tokens of the expression language, one at a time.
//
// Strings are read piece by piece, because an interpolation inside one is a program of its own:
// after a `quote` token the parser asks for string pieces instead of tokens.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace sluice::expression {

enum class token_kind {
    end,
    symbol,      // text: one of the operators and brackets
    identifier,  // text, keywords included
    field,       // .name; text: name
    variable,    // $name; text: name
    format,      // @name; text: name
    number,      // text as written
    quote,       // the opening quotation mark of a string
};

struct token {
    token_kind kind = token_kind::end;
    std::string text;
    std::size_t offset = 0;

    bool is(std::string_view symbol) const { return kind == token_kind::symbol && text == symbol; }
    bool word(std::string_view name) const {
        return kind == token_kind::identifier && text == name;
    }
};

struct string_piece {
    enum class next { end, interpolation };
    std::string text;
    next then = next::end;
};

// An error inside the text: what, and where.
struct syntax_error {
    std::string message;
    std::string hint;
    std::size_t offset = 0;
};

class lexer {
  public:
    explicit lexer(std::string_view text) : text_(text) {}

    // Throws syntax_error (caught in compile(), never leaves the module).
    token next();
    // The characters of a string up to its end or to an interpolation's "\(". The parser calls it
    // right after `quote`, and again after the `)` that ends an interpolation.
    string_piece read_string_piece();

    int line_of(std::size_t offset) const;
    std::size_t offset() const { return at_; }
    void rewind(std::size_t offset) { at_ = offset; }

  private:
    char peek(std::size_t ahead = 0) const {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }
    void skip_blanks();
    std::string read_name();
    token read_number(std::size_t start);
    void read_escapes(std::string& into);

    std::string_view text_;
    std::size_t at_ = 0;
};

}  // namespace sluice::expression
