#include "expression/number_word.hpp"

#include <algorithm>
#include <limits>
#include <string>

namespace sluice::expression {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::string_view take_digits(std::string_view& text) {
    const auto end = std::find_if_not(text.begin(), text.end(), is_digit);
    const auto count = static_cast<std::size_t>(end - text.begin());
    const std::string_view digits = text.substr(0, count);
    text.remove_prefix(count);
    return digits;
}

// `lower` is in lower case.
bool take_word(std::string_view& text, std::string_view lower) {
    const bool same =
        text.size() >= lower.size() &&
        std::equal(lower.begin(), lower.end(), text.begin(), [](char wanted, char given) {
            return given == wanted || (given >= 'A' && given <= 'Z' && given + 32 == wanted);
        });
    if (same) text.remove_prefix(lower.size());
    return same;
}

bool read_special(std::string_view text, bool negative, json::value& out) {
    double number = 0;
    if (take_word(text, "nan")) {
        take_digits(text);
        number = std::numeric_limits<double>::quiet_NaN();
    } else if (take_word(text, "infinity") || take_word(text, "inf")) {
        number = std::numeric_limits<double>::infinity();
    } else {
        return false;
    }
    out = json::value::unbounded(negative ? -number : number);
    return text.empty();
}

}  // namespace

bool read_number_word(std::string_view word, json::value& out) {
    const bool negative = word.starts_with('-');
    if (negative || word.starts_with('+')) word.remove_prefix(1);
    if (read_special(word, negative, out)) return true;

    std::string_view whole = take_digits(word);
    std::string_view fraction;
    if (word.starts_with('.')) {
        word.remove_prefix(1);
        fraction = take_digits(word);
    }
    if (whole.empty() && fraction.empty()) return false;
    std::string text = negative ? "-" : "";
    whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
    text += whole.empty() ? "0" : whole;
    if (!fraction.empty()) (text += '.') += fraction;
    if (word.starts_with('e') || word.starts_with('E')) {
        word.remove_prefix(1);
        text += 'e';
        if (word.starts_with('+') || word.starts_with('-')) {
            text += word.front();
            word.remove_prefix(1);
        }
        const std::string_view exponent = take_digits(word);
        if (exponent.empty()) return false;
        text += exponent;
    }
    if (!word.empty()) return false;
    out = json::value::number(text);
    return true;
}

}  // namespace sluice::expression
