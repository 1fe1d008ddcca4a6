// Text to tree. Names are not looked up here; that is the binder's work.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "expression/lexer.hpp"
#include "expression/tree.hpp"

namespace sluice::expression {

// Throws syntax_error.
class parser {
  public:
    explicit parser(std::string_view text);

    node_ptr parse_program();
    // Definitions only ("def a: 1; def b: 2;"), as the prelude has them.
    std::vector<std::unique_ptr<function>> parse_definitions();

  private:
    // Binary operators by how tightly they bind; see parser.cpp.
    void parse_directives();
    node_ptr parse_pipe();
    node_ptr parse_binary(int level);
    node_ptr parse_operand();
    node_ptr parse_bind(node_ptr source);
    std::unique_ptr<function> parse_definition();
    node_ptr parse_label();

    // parser_term.cpp
    node_ptr parse_postfix();
    node_ptr parse_suffixes(node_ptr term);
    node_ptr parse_bracket_suffix(node_ptr container, std::size_t at);
    node_ptr parse_term();
    node_ptr parse_word();
    node_ptr parse_string(std::string format);
    node_ptr parse_conditional();
    node_ptr parse_attempt();
    node_ptr parse_fold();
    node_ptr parse_array();
    node_ptr parse_object();
    void parse_object_entry(node& object);
    void check_key(const node& key) const;
    node_ptr parse_object_value();
    node_ptr parse_call();

    // parser_pattern.cpp
    std::vector<pattern> parse_patterns(int& variables);
    pattern parse_pattern(std::vector<std::string>& names);
    pattern parse_object_pattern(std::vector<std::string>& names);
    node_ptr parse_pattern_key();

    const token& current() const { return token_; }
    token take();
    bool accept(std::string_view symbol);
    bool accept_word(std::string_view word);
    void expect(std::string_view symbol, std::string_view after);
    void expect_word(std::string_view word, std::string_view after);
    // Splits `?//` when only the `?` is wanted.
    bool accept_question();
    [[noreturn]] void fail_at_token(std::string_view expected) const;
    struct nesting_guard;

    lexer lexer_;
    token token_;
    int nesting_ = 0;
};

// Builds a node around others.
node_ptr make_node(node_kind kind, std::size_t offset);
node_ptr make_node(node_kind kind, std::size_t offset, node_ptr first, node_ptr second = nullptr);
node_ptr make_literal(json::value content, std::size_t offset);

// Words that cannot name a function.
bool is_keyword(std::string_view word);

}  // namespace sluice::expression
