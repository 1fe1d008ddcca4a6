// A JSON value of a manifest whose leaves may be expressions, compiled when the manifest is loaded.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "expression/expression.hpp"
#include "json/value.hpp"

namespace sluice::manifest {

// Immutable; share it between threads. A literal, an expression, or an array or object of
// templates.
//
// Where the manifest says `{ $ref: config.name }` the evaluated value keeps exactly that object.
// resolve_references() puts the real values in, at those places only: an object of the same look
// that came in as data is never resolved.
class template_value {
  public:
    struct place {  // of a `$ref` inside the evaluated value
        std::vector<std::variant<std::string, std::size_t>> path;
        std::string config;  // name of the config variable
    };

    template_value() = default;  // null
    static template_value literal(json::value content);
    // `where` is put into the errors of evaluate(). With `otherwise` there are none: that text is
    // the value when the expression fails.
    static template_value expression(std::shared_ptr<const expression::program> code,
                                     base::source_position where,
                                     std::optional<std::string> otherwise = {});
    static template_value array(std::vector<template_value> items);
    static template_value object(std::vector<std::pair<std::string, template_value>> members);
    static template_value reference(std::string config);

    bool is_literal() const;
    // The literal; null for everything that holds an expression.
    const json::value& literal_value() const;

    // Each expression must give exactly one value (none counts as null). Errors carry the place of
    // the expression in its file.
    base::result<json::value> evaluate(const json::value& input, expression::bindings variables,
                                       const expression::budget& limits = {}) const;

    // Empty for templates without `$ref`.
    const std::vector<place>& references() const { return references_; }
    // `evaluated` with each reference replaced by `lookup(config name)`. Call it as late as
    // possible (just before the connector is called) and never store or log the result.
    json::value resolve_references(
        json::value evaluated,
        const std::function<json::value(const std::string& config)>& lookup) const;

  private:
    struct node;
    std::shared_ptr<const node> root_;
    std::vector<place> references_;
};

}  // namespace sluice::manifest
