// Evaluating a program in one line, for tests of this and later modules.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>

namespace sluice::expression {

// The results as compact JSON, separated by one space; "error: message" for a failed evaluation and
// "compile error: message" (first line only) for a program that does not compile.
// One line of a table: what run() gives for a program and an input.
struct row {
    const char* program;
    const char* input;
    const char* expected;
};
void PrintTo(const row& of, std::ostream* out);

std::string run(std::string_view program, std::string_view input_json = "null");

}  // namespace sluice::expression
