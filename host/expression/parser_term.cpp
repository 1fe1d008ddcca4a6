#include <utility>

#include "expression/meter.hpp"
#include "expression/number_word.hpp"
#include "expression/parser.hpp"
#include "expression/parser_guard.hpp"

namespace sluice::expression {

namespace {

// "?" behind an access is about that access, not about what stands before it.
bool is_access(const node& code) {
    return !code.optional && !code.bracketed &&
           (code.kind == node_kind::index || code.kind == node_kind::slice ||
            code.kind == node_kind::iterate);
}

}  // namespace

node_ptr parser::parse_postfix() { return parse_suffixes(parse_term()); }

node_ptr parser::parse_suffixes(node_ptr term) {
    while (true) {
        const std::size_t at = token_.offset;
        if (token_.kind == token_kind::field) {
            node_ptr key = make_literal(take().text, at);
            term = make_node(node_kind::index, at, std::move(term), std::move(key));
        } else if (accept(".")) {
            if (token_.kind == token_kind::quote) {
                term = make_node(node_kind::index, at, std::move(term), parse_string(""));
            } else if (accept("[")) {
                term = parse_bracket_suffix(std::move(term), at);
            } else {
                fail_at_token("a name, text or \"[\" after \".\"");
            }
        } else if (accept("[")) {
            term = parse_bracket_suffix(std::move(term), at);
        } else if (is_access(*term) && accept_question()) {
            term->optional = true;
        } else if (accept_question()) {
            node_ptr made = make_node(node_kind::attempt, at, std::move(term));
            made->children.push_back(nullptr);
            term = std::move(made);
        } else {
            return term;
        }
    }
}

// After "[": iteration, index or slice.
node_ptr parser::parse_bracket_suffix(node_ptr container, std::size_t at) {
    if (accept("]")) return make_node(node_kind::iterate, at, std::move(container));
    if (accept(":")) {
        node_ptr made = make_node(node_kind::slice, at, std::move(container));
        made->children.push_back(nullptr);
        made->children.push_back(parse_pipe());
        expect("]", "the slice");
        return made;
    }
    node_ptr first = parse_pipe();
    if (!accept(":")) {
        expect("]", "the index");
        return make_node(node_kind::index, at, std::move(container), std::move(first));
    }
    node_ptr made = make_node(node_kind::slice, at, std::move(container), std::move(first));
    made->children.push_back(token_.is("]") ? nullptr : parse_pipe());
    expect("]", "the slice");
    return made;
}

node_ptr parser::parse_term() {
    const nesting_guard guard(*this);
    const std::size_t at = token_.offset;
    switch (token_.kind) {
        case token_kind::number: {
            json::value number;
            read_number_word(take().text, number);  // the lexer took nothing else
            return make_literal(std::move(number), at);
        }
        case token_kind::quote:
            return parse_string("");
        case token_kind::format: {
            std::string name = take().text;
            if (token_.kind == token_kind::quote) return parse_string(std::move(name));
            node_ptr made = make_node(node_kind::format, at);
            made->name = std::move(name);
            return made;
        }
        case token_kind::field: {
            node_ptr key = make_literal(take().text, at);
            return make_node(node_kind::index, at, make_node(node_kind::identity, at),
                             std::move(key));
        }
        case token_kind::variable: {
            std::string name = take().text;
            if (name == "__loc__") {
                return make_literal(
                    json::value::object({{"file", "<top-level>"}, {"line", lexer_.line_of(at)}}),
                    at);
            }
            node_ptr made = make_node(node_kind::variable, at);
            made->name = std::move(name);
            return made;
        }
        case token_kind::identifier:
            return parse_word();
        default:
            break;
    }
    if (accept("(")) {
        node_ptr inner = parse_pipe();
        expect(")", "the expression in brackets");
        inner->bracketed = true;
        return inner;
    }
    if (accept("[")) return parse_array();
    if (accept("{")) return parse_object();
    if (accept("..")) return make_node(node_kind::recurse_default, at);
    if (accept(".")) {
        node_ptr self = make_node(node_kind::identity, at);
        if (token_.kind == token_kind::quote) {
            return make_node(node_kind::index, at, std::move(self), parse_string(""));
        }
        return self;
    }
    fail_at_token("a value");
}

node_ptr parser::parse_word() {
    if (token_.text == "if") return parse_conditional();
    if (token_.text == "try") return parse_attempt();
    if (token_.text == "reduce" || token_.text == "foreach") return parse_fold();
    if (token_.text == "import" || token_.text == "include" || token_.text == "module") {
        throw syntax_error{"modules are not available here",
                           "write the definitions before the program", token_.offset};
    }
    if (is_keyword(token_.text)) fail_at_token("a value");
    return parse_call();
}

node_ptr parser::parse_call() {
    const std::size_t at = token_.offset;
    std::string name = take().text;
    if (name == "break") {
        if (token_.kind != token_kind::variable) fail_at_token("the label's name, like $out");
        node_ptr made = make_node(node_kind::leave, at);
        made->name = take().text;
        return made;
    }
    node_ptr made = make_node(node_kind::call, at);
    made->name = std::move(name);
    if (accept("(")) {
        do
            made->children.push_back(parse_pipe());
        while (accept(";"));
        expect(")", "the arguments of " + made->name);
    }
    return made;
}

node_ptr parser::parse_string(std::string format) {
    const std::size_t at = token_.offset;
    node_ptr made = make_node(node_kind::text, at);
    made->name = std::move(format);
    while (true) {
        string_piece piece = lexer_.read_string_piece();
        if (!piece.text.empty() || made->children.empty()) {
            made->children.push_back(make_literal(std::move(piece.text), at));
            made->children.back()->slot = plain_piece;
        }
        if (piece.then == string_piece::next::end) break;
        token_ = lexer_.next();
        made->children.push_back(parse_pipe());
        if (!token_.is(")")) fail_at_token("\")\" after the expression inside the text");
    }
    token_ = lexer_.next();
    if (made->children.size() == 1 && made->children.front()->slot == plain_piece) {
        made->children.front()->slot = 0;  // it may become a piece of a text around it
        return std::move(made->children.front());
    }
    return made;
}

node_ptr parser::parse_conditional() {
    const nesting_guard guard(*this);
    const std::size_t at = take().offset;
    node_ptr made = make_node(node_kind::conditional, at, parse_pipe());
    expect_word("then", "the condition");
    made->children.push_back(parse_pipe());
    if (token_.word("elif")) {
        made->children.push_back(parse_conditional());  // takes the shared `end`
        return made;
    }
    made->children.push_back(accept_word("else") ? parse_pipe() : nullptr);
    expect_word("end", "\"if\" and its branches");
    return made;
}

node_ptr parser::parse_attempt() {
    const std::size_t at = take().offset;
    const auto part = [this] {
        const std::size_t here = token_.offset;
        if (accept("-")) return make_node(node_kind::negate, here, parse_postfix());
        return parse_postfix();
    };
    node_ptr made = make_node(node_kind::attempt, at, part());
    made->children.push_back(accept_word("catch") ? part() : nullptr);
    return made;
}

// reduce TERM as PATTERN (start; update), foreach TERM as PATTERN (start; update; extract)
node_ptr parser::parse_fold() {
    const bool reduce = token_.text == "reduce";
    const token word = take();
    node_ptr made = make_node(reduce ? node_kind::reduce : node_kind::foreach_loop, word.offset,
                              parse_postfix());
    expect_word("as", "what \"" + word.text + "\" goes through");
    made->patterns = parse_patterns(made->variables);
    expect("(", "the names of \"as\"");
    made->children.push_back(parse_pipe());
    expect(";", "the start value");
    made->children.push_back(parse_pipe());
    if (!reduce) made->children.push_back(accept(";") ? parse_pipe() : nullptr);
    expect(")", "the update");
    return made;
}

node_ptr parser::parse_array() {
    node_ptr made = make_node(node_kind::array, token_.offset);
    if (accept("]")) return made;
    made->children.push_back(parse_pipe());
    expect("]", "the array's content");
    return made;
}

node_ptr parser::parse_object() {
    node_ptr made = make_node(node_kind::object, token_.offset);
    while (!accept("}")) {
        parse_object_entry(*made);
        if (token_.is("}")) continue;
        if (!accept(",")) fail_at_token("\",\" or \"}\" after an object's entry");
    }
    return made;
}

void parser::parse_object_entry(node& object) {
    const std::size_t at = token_.offset;
    node_ptr key;
    node_ptr shorthand;  // the value when only the key is written
    if (token_.kind == token_kind::variable) {
        const std::string name = token_.text;
        key = parse_term();
        if (!token_.is(":")) {
            shorthand = std::move(key);
            key = make_literal(name, at);
        }
    } else if (accept("(")) {
        key = parse_pipe();
        check_key(*key);
        expect(")", "the key");
    } else if (token_.kind == token_kind::identifier) {
        key = make_literal(take().text, at);
        shorthand = make_node(node_kind::index, at, make_node(node_kind::identity, at),
                              make_literal(key->value, at));
    } else if (token_.kind == token_kind::quote || token_.kind == token_kind::format) {
        const lexer start = lexer_;
        const token start_token = token_;
        key = parse_term();
        if (!token_.is(":")) {  // {"a b"} is {"a b": ."a b"}: read the text a second time
            lexer_ = start;
            token_ = start_token;
            shorthand =
                make_node(node_kind::index, at, make_node(node_kind::identity, at), parse_term());
        }
    } else if (token_.kind == token_kind::number) {
        throw syntax_error{"May need parentheses around object key expression",
                           "a key is a name, \"text\" or (expression)", at};
    } else {
        fail_at_token("a key, like name, \"name\" or (expression)");
    }
    if (accept(":")) {
        shorthand = parse_object_value();
    } else if (!shorthand) {
        fail_at_token("\":\" after the key");
    }
    object.children.push_back(std::move(key));
    object.children.push_back(std::move(shorthand));
}

// A key that can only be wrong is found when compiling.
void parser::check_key(const node& key) const {
    json::value content = key.value;
    if (key.kind == node_kind::array && key.children.empty()) content = json::value::array();
    if (key.kind == node_kind::object && key.children.empty()) content = json::value::object();
    if (key.kind == node_kind::call && key.children.empty()) {
        if (key.name == "true" || key.name == "false") {
            content = key.name == "true";
        } else if (key.name != "null") {
            return;
        }
    } else if (content.is_null() || content.is_string()) {
        return;
    }
    throw syntax_error{"Cannot use " + describe(content) + " as object key", "quote it",
                       key.offset};
}

// Everything but a comma, which separates entries.
node_ptr parser::parse_object_value() {
    const nesting_guard guard(*this);
    node_ptr left = parse_binary(2);
    const std::size_t at = token_.offset;
    if (!accept("|")) return left;
    return make_node(node_kind::pipe, at, std::move(left), parse_object_value());
}

}  // namespace sluice::expression
