// Compiles the expressions of a document. Inside the module only.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/cursor.hpp"
#include "manifest/integration.hpp"
#include "manifest/template_value.hpp"

namespace sluice::manifest {

using config_declarations = std::map<std::string, config_declaration, std::less<>>;

// An expression that reads `$steps.<step>`.
struct step_use {
    std::string step;
    std::string reader;  // see expression_context::place
    base::source_position where;
};

// What expressions in one place of the document may use.
struct expression_context {
    std::vector<std::string> variables;               // without "$"
    const config_declarations* config = nullptr;      // null: not checked
    const std::vector<std::string>* steps = nullptr;  // names for $steps; null: not checked
    std::vector<step_use>* uses = nullptr;            // of $steps, noted when not null
    // Reference of the task it belongs to; with "/output", "/while" or "/catch" at its end for
    // what is evaluated when parts of the task have run.
    std::string place;
    // Whether { $ref: config.x } means a config variable; otherwise it is data like any other.
    bool references = true;
    // `evaluate: { mode: loose }`: every text is tried as an expression, and stays text otherwise.
    bool loose = false;

    expression_context with(std::initializer_list<std::string> more) const;
    expression_context at(std::string_view part) const;  // `part` added to the place
};

// What stands inside ${ }, or nothing for any other text.
std::optional<std::string_view> expression_inside(std::string_view text);

// A field that is an expression with or without ${ }: `if`, `when`, `from`, `as` ...
std::optional<template_value> read_expression(const cursor& at, const expression_context& context);

// A field whose strings are expressions only inside ${ }. `$ref` objects count as references when
// `references` is set and are a problem otherwise.
template_value read_template(const cursor& at, const expression_context& context,
                             bool references = false);

// `from` and `as`: an expression, or an object of templates.
std::optional<template_value> read_mapping(const cursor& at, const expression_context& context);

}  // namespace sluice::manifest
