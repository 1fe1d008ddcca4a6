#include "expression/parser.hpp"

#include <array>
#include <utility>

#include "expression/parser_guard.hpp"

namespace sluice::expression {
namespace {

constexpr std::array<std::string_view, 18> keywords = {
    "def", "if",  "then", "elif",   "else",    "end",    "as",      "reduce", "foreach",
    "try", "and", "or",   "import", "include", "module", "__loc__", "label",  "catch"};

// A binary operator: higher levels bind tighter.
struct binary {
    std::string_view symbol;
    int level;
    enum { left, right, none } grouping;
    node_kind kind;
    operation op;
};

constexpr int comma_level = 1;
constexpr int product_level = 8;
constexpr std::array<binary, 23> operators = {{
    {",", comma_level, binary::left, node_kind::comma, operation::none},
    {"//", 2, binary::right, node_kind::alternative, operation::none},
    {"=", 3, binary::none, node_kind::assign, operation::none},
    {"|=", 3, binary::none, node_kind::update, operation::none},
    {"+=", 3, binary::none, node_kind::update_arithmetic, operation::add},
    {"-=", 3, binary::none, node_kind::update_arithmetic, operation::subtract},
    {"*=", 3, binary::none, node_kind::update_arithmetic, operation::multiply},
    {"/=", 3, binary::none, node_kind::update_arithmetic, operation::divide},
    {"%=", 3, binary::none, node_kind::update_arithmetic, operation::remainder},
    {"//=", 3, binary::none, node_kind::update_alternative, operation::none},
    {"or", 4, binary::left, node_kind::logical_or, operation::none},
    {"and", 5, binary::left, node_kind::logical_and, operation::none},
    {"==", 6, binary::none, node_kind::comparison, operation::equal},
    {"!=", 6, binary::none, node_kind::comparison, operation::unequal},
    {"<", 6, binary::none, node_kind::comparison, operation::less},
    {"<=", 6, binary::none, node_kind::comparison, operation::less_equal},
    {">", 6, binary::none, node_kind::comparison, operation::greater},
    {">=", 6, binary::none, node_kind::comparison, operation::greater_equal},
    {"+", 7, binary::left, node_kind::arithmetic, operation::add},
    {"-", 7, binary::left, node_kind::arithmetic, operation::subtract},
    {"*", product_level, binary::left, node_kind::arithmetic, operation::multiply},
    {"/", product_level, binary::left, node_kind::arithmetic, operation::divide},
    {"%", product_level, binary::left, node_kind::arithmetic, operation::remainder},
}};

const binary* find_operator(const token& at) {
    if (at.kind != token_kind::symbol && at.kind != token_kind::identifier) return nullptr;
    for (const binary& candidate : operators) {
        if (candidate.symbol == at.text) return &candidate;
    }
    return nullptr;
}

std::string describe(const token& at) {
    switch (at.kind) {
        case token_kind::end:
            return "the end of the expression";
        case token_kind::field:
            return "\"." + at.text + "\"";
        case token_kind::variable:
            return "\"$" + at.text + "\"";
        case token_kind::format:
            return "\"@" + at.text + "\"";
        case token_kind::quote:
            return "text";
        default:
            return "\"" + at.text + "\"";
    }
}

}  // namespace

bool is_keyword(std::string_view word) {
    for (const std::string_view keyword : keywords) {
        if (keyword == word) return true;
    }
    return false;
}

node_ptr make_node(node_kind kind, std::size_t offset) {
    return std::make_unique<node>(kind, offset);
}

node_ptr make_node(node_kind kind, std::size_t offset, node_ptr first, node_ptr second) {
    node_ptr made = make_node(kind, offset);
    made->children.push_back(std::move(first));
    if (second) made->children.push_back(std::move(second));
    return made;
}

node_ptr make_literal(json::value content, std::size_t offset) {
    node_ptr made = make_node(node_kind::literal, offset);
    made->value = std::move(content);
    return made;
}

parser::parser(std::string_view text) : lexer_(text) { token_ = lexer_.next(); }

token parser::take() {
    token taken = std::move(token_);
    token_ = lexer_.next();
    return taken;
}

bool parser::accept(std::string_view symbol) {
    if (!token_.is(symbol)) return false;
    take();
    return true;
}

bool parser::accept_word(std::string_view word) {
    if (!token_.word(word)) return false;
    take();
    return true;
}

bool parser::accept_question() {
    if (token_.is("?//")) {
        lexer_.rewind(token_.offset + 1);
        token_ = lexer_.next();
        return true;
    }
    return accept("?");
}

void parser::fail_at_token(std::string_view expected) const {
    if (token_.kind == token_kind::end) {
        throw syntax_error{"the expression ends too early, expected " + std::string(expected), "",
                           token_.offset};
    }
    throw syntax_error{"unexpected " + describe(token_) + ", expected " + std::string(expected), "",
                       token_.offset};
}

void parser::expect(std::string_view symbol, std::string_view after) {
    if (!accept(symbol)) {
        fail_at_token("\"" + std::string(symbol) + "\" after " + std::string(after));
    }
}

void parser::expect_word(std::string_view word, std::string_view after) {
    if (!accept_word(word)) {
        fail_at_token("\"" + std::string(word) + "\" after " + std::string(after));
    }
}

node_ptr parser::parse_program() {
    parse_directives();
    if (token_.kind == token_kind::end) return make_node(node_kind::identity, token_.offset);
    node_ptr root = parse_pipe();
    if (token_.kind != token_kind::end) fail_at_token("an operator or the end");
    return root;
}

std::vector<std::unique_ptr<function>> parser::parse_definitions() {
    std::vector<std::unique_ptr<function>> all;
    while (token_.word("def"))
        all.push_back(parse_definition());
    if (token_.kind != token_kind::end) fail_at_token("\"def\"");
    return all;
}

node_ptr parser::parse_pipe() {
    const nesting_guard guard(*this);
    node_ptr left = parse_binary(comma_level);
    const std::size_t at = token_.offset;
    if (!accept("|")) return left;
    return make_node(node_kind::pipe, at, std::move(left), parse_pipe());
}

node_ptr parser::parse_binary(int level) {
    const nesting_guard guard(*this);
    node_ptr left = parse_operand();
    while (true) {
        const binary* const found = find_operator(token_);
        if (found == nullptr || found->level < level) return left;
        const std::size_t at = take().offset;
        node_ptr right =
            parse_binary(found->grouping == binary::right ? found->level : found->level + 1);
        if (found->grouping == binary::none) {
            const binary* const another = find_operator(token_);
            if (another != nullptr && another->level == found->level) {
                fail_at_token("brackets: \"" + std::string(found->symbol) + "\" does not chain");
            }
        }
        left = make_node(found->kind, at, std::move(left), std::move(right));
        left->op = found->op;
    }
}

// What stands between binary operators; `def`, `label` and `as` reach as far right as they can.
node_ptr parser::parse_operand() {
    const nesting_guard guard(*this);
    const std::size_t at = token_.offset;
    if (token_.word("def")) {
        node_ptr made = make_node(node_kind::definition, at);
        made->defined = parse_definition();
        made->children.push_back(parse_pipe());
        return made;
    }
    if (token_.word("label")) return parse_label();
    // Like jq: "-2 * 3" is -(2 * 3), which matters where the operator is "/" or "%".
    if (accept("-")) return make_node(node_kind::negate, at, parse_binary(product_level));
    node_ptr term = parse_postfix();
    if (token_.word("as")) return parse_bind(std::move(term));
    return term;
}

node_ptr parser::parse_bind(node_ptr source) {
    const std::size_t at = take().offset;
    node_ptr made = make_node(node_kind::bind, at, std::move(source));
    made->patterns = parse_patterns(made->variables);
    expect("|", "the names of \"as\"");
    made->children.push_back(parse_pipe());
    return made;
}

node_ptr parser::parse_label() {
    const std::size_t at = take().offset;
    if (token_.kind != token_kind::variable) fail_at_token("a name like $out");
    node_ptr made = make_node(node_kind::label, at);
    made->name = take().text;
    expect("|", "the label");
    made->children.push_back(parse_pipe());
    return made;
}

std::unique_ptr<function> parser::parse_definition() {
    take();
    if (token_.kind != token_kind::identifier) fail_at_token("the function's name");
    auto made = std::make_unique<function>();
    made->name = take().text;
    std::vector<std::string> values;
    if (accept("(")) {
        do {
            const bool by_value = token_.kind == token_kind::variable;
            if (!by_value && (token_.kind != token_kind::identifier || is_keyword(token_.text))) {
                fail_at_token("a parameter's name");
            }
            made->parameters.push_back(take().text);
            if (by_value) values.push_back(made->parameters.back());
        } while (accept(";"));
        expect(")", "the parameters");
    }
    expect(":", "the function's name and parameters");
    made->body = parse_pipe();
    expect(";", "the function's body");
    for (auto name = values.rbegin(); name != values.rend(); ++name) {
        const std::size_t at = made->body->offset;
        node_ptr argument = make_node(node_kind::call, at);
        argument->name = *name;
        node_ptr bound = make_node(node_kind::bind, at, std::move(argument), std::move(made->body));
        pattern variable;
        variable.variable = 0;
        variable.name = *name;
        bound->patterns.push_back(std::move(variable));
        bound->variables = 1;
        made->body = std::move(bound);
    }
    return made;
}

}  // namespace sluice::expression
