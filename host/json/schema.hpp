// JSON Schema, compiled: checks values against what somebody wrote down about them.
//
//     auto compiled = json::schema::compile(document);
//     for (const auto& found : compiled->validate(input)) log(json::explain(found));
//
// Dialects: 2020-12 (also when `$schema` is missing) and draft-07; what the drafts between and
// draft-06 have in common with them. Formats date-time, date, time, duration, email, uri, uuid,
// ipv4 and ipv6 are checked, others are not. Numbers are compared exactly. Patterns are ECMA 262's,
// as far as Oniguruma has the same.
//
// Not supported and refused by name: references to other documents, $dynamicRef, other dialects.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "json/value.hpp"

namespace sluice::json {

namespace schemas {
struct compiled;
}

// One thing that is wrong with a value.
struct violation {
    std::string instance;  // JSON pointer into the value; empty: the value itself
    std::string keyword;   // JSON pointer into the schema document, to the keyword that objects
    std::string message;   // "expected string, got number 3"
};

// What one validation may take. Whoever sends the value may not choose these.
struct validation_options {
    std::size_t violations = 20;       // how many are collected before the rest is not looked at
    std::size_t depth = 1000;          // schemas inside each other, references included
    std::uint64_t steps = 10'000'000;  // about the work of a second
    bool show_values = true;           // false: messages name kinds, never text or numbers
};

// Immutable; copies share the compiled form; any thread, many at once.
class schema {
  public:
    // `document` is the whole schema (an object, or true or false); references reach all of it.
    // Refuses (code invalid_input) what is no schema or not supported. The message starts with the
    // JSON pointer of the place, which is in `details_json`, too: {"pointer": "/properties/a"}.
    static base::result<schema> compile(const value& document);

    // Nothing when `instance` fits. When a limit was reached, the last violation says so: a value
    // that could not be checked to the end never fits.
    std::vector<violation> validate(const value& instance,
                                    const validation_options& options = {}) const;

  private:
    explicit schema(std::shared_ptr<const schemas::compiled> content);
    std::shared_ptr<const schemas::compiled> content_;
};

// "/labels/0: expected string, got number 3"; without the place when it is the whole value.
std::string explain(const violation& found);
// One line for each.
std::string explain(std::span<const violation> found);

}  // namespace sluice::json
