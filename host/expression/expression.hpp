// The expression language of manifests: jq, evaluated by Sluice itself.
//
// Compile once, evaluate often and from any thread. An evaluation touches no files, no environment
// and no clock but the one in its budget; it ends within its budget whatever the program says.
// Differences from jq 1.7 are listed in docs/expressions.md.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.hpp"
#include "base/result.hpp"
#include "json/value.hpp"

namespace sluice::expression {

struct compiled;  // the tree; private to this module

// A compiled program. Immutable; share it between threads.
class program {
  public:
    explicit program(std::unique_ptr<const compiled> content);
    program(const program&) = delete;
    program& operator=(const program&) = delete;
    ~program();

    // As it was written.
    const std::string& text() const;
    // Names (without "$") of the variables that the caller of evaluate() has to bind.
    const std::vector<std::string>& variables() const;

    const compiled& content() const { return *content_; }

  private:
    std::unique_ptr<const compiled> content_;
};

// `variable_names` (without "$") are the variables that evaluate() will be given. Any other free
// variable, an unknown function and a syntax error are errors of code invalid_input whose `where`
// holds line and column within `text` (file empty) and whose message ends with the line and a
// caret.
base::result<std::shared_ptr<const program>> compile(
    std::string_view text, std::span<const std::string> variable_names = {});

// What one evaluation may use up. Breaking a limit is an error that names the limit and that no
// `try` inside the program can catch.
struct budget {
    std::int64_t steps = 1'000'000;   // nodes of the program visited
    int depth = 2'000;                // nested evaluations that need stack
    std::int64_t bytes = 64ll << 20;  // of values produced
    std::int64_t time_ms = 0;         // of computing; 0: without limit; needs `clock`
    base::clock* clock = nullptr;     // also the source of `now`; may be null
    // Gets what the program passes through `debug`; may be empty.
    std::function<void(const json::value&)> debug = nullptr;
};

using binding = std::pair<std::string, json::value>;
using bindings = std::span<const binding>;

// Hands each result to `take` as soon as it is there, until `take` returns false. Otherwise like
// evaluate().
base::result<void> evaluate_each(const program& code, const json::value& input,
                                 const std::function<bool(json::value&&)>& take,
                                 bindings variables = {}, const budget& limits = {});

// All results in order. A variable of the program that `variables` leaves out is null. Errors have
// code invalid_input and read like jq's; `details_json` holds {"error": value} for errors raised by
// error(value) with another value than text.
base::result<std::vector<json::value>> evaluate(const program& code, const json::value& input,
                                                bindings variables = {}, const budget& limits = {});

// Exactly one result: none becomes null, several are an error that proposes [ ].
base::result<json::value> evaluate_one(const program& code, const json::value& input,
                                       bindings variables = {}, const budget& limits = {});

// Names that the program reads directly from a variable: "a" for $v.a and $v["a"]. A loader checks
// them; programs that reach a member in another way are not found out.
struct member_use {
    std::string name;
    int line = 0;  // within the text, from 1
    int column = 0;
};
std::vector<member_use> members_used(const program& code, std::string_view variable);

// jq's truth: everything except false and null.
bool is_true(const json::value& content);

}  // namespace sluice::expression
