#include <algorithm>
#include <utility>

#include "expression/parser.hpp"
#include "expression/parser_guard.hpp"

namespace sluice::expression {
namespace {

int slot_of(std::vector<std::string>& names, const std::string& name) {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) {
        names.push_back(name);
        return static_cast<int>(names.size()) - 1;
    }
    return static_cast<int>(found - names.begin());
}

}  // namespace

// The alternatives of `?//` share their variables: one slot per name.
std::vector<pattern> parser::parse_patterns(int& variables) {
    std::vector<std::string> names;
    std::vector<pattern> all;
    do
        all.push_back(parse_pattern(names));
    while (accept("?//"));
    variables = static_cast<int>(names.size());
    return all;
}

pattern parser::parse_pattern(std::vector<std::string>& names) {
    const nesting_guard guard(*this);
    pattern made;
    if (token_.kind == token_kind::variable) {
        made.name = take().text;
        made.variable = slot_of(names, made.name);
        return made;
    }
    if (accept("[")) {
        made.form = pattern::kind::array;
        do
            made.items.push_back(parse_pattern(names));
        while (accept(","));
        expect("]", "the names in the array");
        return made;
    }
    if (accept("{")) return parse_object_pattern(names);
    fail_at_token("$name, [$a, $b] or {a: $a} after \"as\"");
}

pattern parser::parse_object_pattern(std::vector<std::string>& names) {
    pattern made;
    made.form = pattern::kind::object;
    do {
        pattern::entry entry;
        if (token_.kind == token_kind::variable) {
            entry.name = take().text;
            entry.variable = slot_of(names, entry.name);
            entry.key = make_literal(entry.name, token_.offset);
            if (accept(":")) entry.content = std::make_unique<pattern>(parse_pattern(names));
        } else {
            entry.key = parse_pattern_key();
            expect(":", "the key");
            entry.content = std::make_unique<pattern>(parse_pattern(names));
        }
        made.entries.push_back(std::move(entry));
    } while (accept(","));
    expect("}", "the names in the object");
    return made;
}

node_ptr parser::parse_pattern_key() {
    const std::size_t at = token_.offset;
    if (token_.kind == token_kind::identifier) return make_literal(take().text, at);
    if (token_.kind == token_kind::quote) return parse_string("");
    if (accept("(")) {
        node_ptr key = parse_pipe();
        check_key(*key);
        expect(")", "the key");
        return key;
    }
    fail_at_token("a key");
}

}  // namespace sluice::expression
