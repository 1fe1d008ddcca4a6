#include "expression/expression_testing.hpp"

#include <ostream>

#include "expression/expression.hpp"
#include "json/text.hpp"

namespace sluice::expression {

void PrintTo(const row& of, std::ostream* out) { *out << of.program << "  <  " << of.input; }

std::string run(std::string_view program, std::string_view input_json) {
    const auto input = json::parse(input_json);
    if (!input) return "bad input: " + input.error_value().message;
    const auto code = compile(program);
    if (!code) {
        const std::string& message = code.error_value().message;
        return "compile error: " + message.substr(0, message.find('\n'));
    }
    const auto results = evaluate(**code, *input);
    if (!results) return "error: " + results.error_value().message;
    std::string text;
    for (const json::value& result : *results) {
        if (!text.empty()) text += ' ';
        json::append_text(text, result);
    }
    return text;
}

}  // namespace sluice::expression
