// The tree of a program: what the parser builds, the binder resolves and the evaluator walks.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "json/value.hpp"

namespace sluice::expression {

struct builtin;
struct node;
struct function;
using node_ptr = std::unique_ptr<node>;

// The comment names the members of node that the kind uses besides `offset`.
enum class node_kind : std::uint8_t {
    identity,           // .
    recurse_default,    // ..
    literal,            // value
    text,               // children: parts, literals and interpolations; name: format or empty
    format,             // name (without "@")
    index,              // children: container, key
    slice,              // children: container, from or null, to or null
    iterate,            // children: container
    pipe,               // children: left, right
    comma,              // children: left, right
    negate,             // children: operand
    arithmetic,         // operation; children: left, right
    comparison,         // operation; children: left, right
    logical_and,        // children: left, right
    logical_or,         // children: left, right
    alternative,        // children: left, right
    array,              // children: content or none
    object,             // children: key, value, key, value ...
    conditional,        // children: condition, then, else or null (identity)
    attempt,            // children: body, handler or null
    reduce,             // patterns; children: source, start, update
    foreach_loop,       // patterns; children: source, start, update, extract or null
    bind,               // patterns; children: source, body
    definition,         // defined; children: rest
    call,               // name; children: arguments; then `target`, `native` or a closure's hops
    call_closure,       // hops, slot
    variable,           // name; hops, slot
    global_variable,    // name; slot
    label,              // name; children: body
    leave,              // name (of the label); hops
    assign,             // children: target, value
    update,             // children: target, function
    update_arithmetic,  // operation; children: target, value
    update_alternative  // children: target, value
};

enum class operation : std::uint8_t {
    none,
    add,
    subtract,
    multiply,
    divide,
    remainder,
    equal,
    unequal,
    less,
    less_equal,
    greater,
    greater_equal
};

// Left side of `as`: $name, [pattern, ..] or {key: pattern, ..}.
struct pattern {
    enum class kind : std::uint8_t { variable, array, object };
    struct entry {
        int variable = -1;                 // `$name` or `$name: pattern`: index in the variables
        std::string name;                  // of that variable
        node_ptr key;                      // otherwise
        std::unique_ptr<pattern> content;  // may be null
    };
    kind form = kind::variable;
    int variable = -1;
    std::string name;
    std::vector<pattern> items;
    std::vector<entry> entries;
};

// Slot of the literals that are the plain pieces of a text node; the other pieces get formatted.
inline constexpr int plain_piece = 1;

struct node {
    node_kind kind;
    operation op = operation::none;
    bool single = false;    // gives exactly one result or fails; set by the analysis
    bool optional = false;  // of index, slice and iterate: no result where there is no access
    bool bracketed = false;
    int hops = 0;  // frames to walk up
    int slot = 0;
    std::size_t offset = 0;  // in the text, for messages
    std::vector<node_ptr> children;
    std::vector<pattern> patterns;  // several: alternatives by ?//
    int variables = 0;              // number of variables of the patterns
    json::value value;
    std::string name;
    std::unique_ptr<function> defined;
    const function* target = nullptr;
    const builtin* native = nullptr;

    node(node_kind of, std::size_t at) : kind(of), offset(at) {}
    node* child(std::size_t i) const { return children[i].get(); }
};

// `def name(a; $b): body;`. A `$b` is a closure parameter b plus a `b as $b |` around the body.
struct function {
    std::string name;
    std::vector<std::string> parameters;
    node_ptr body;
    bool single = true;  // optimistic until the analysis is done
};

// Everything that belongs to one program. Functions from the prelude that it uses come along.
struct compiled {
    std::string text;
    std::vector<std::string> variables;  // of global_variable, by slot
    std::vector<std::unique_ptr<function>> prelude;
    node_ptr root;
};

}  // namespace sluice::expression
