#include "json/decimal.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <compare>

#include "json/number.hpp"

namespace sluice::json {
namespace {

int sign(std::strong_ordering order) { return order < 0 ? -1 : order > 0 ? 1 : 0; }

__extension__ using wide = unsigned __int128;

std::uint64_t multiply(std::uint64_t a, std::uint64_t b, std::uint64_t modulus) {
    return static_cast<std::uint64_t>(static_cast<wide>(a) * b % modulus);
}

// 10^exponent modulo `modulus`
std::uint64_t power_of_ten(std::uint64_t exponent, std::uint64_t modulus) {
    std::uint64_t power = 1 % modulus;
    for (std::uint64_t base = 10 % modulus; exponent > 0; exponent >>= 1) {
        if ((exponent & 1) != 0) power = multiply(power, base, modulus);
        base = multiply(base, base, modulus);
    }
    return power;
}

}  // namespace

decimal to_decimal(std::string_view text) {
    constexpr std::int64_t farthest = 100'000'000'000'000'000;
    decimal made;
    made.negative = text.starts_with('-');
    if (made.negative) text.remove_prefix(1);
    std::int64_t written = 0;
    const std::size_t e = text.find_first_of("eE");
    if (e != std::string_view::npos) {
        std::string_view exponent = text.substr(e + 1);
        const bool negative = exponent.starts_with('-');
        if (negative || exponent.starts_with('+')) exponent.remove_prefix(1);
        for (const char c : exponent)
            written = std::min(written * 10 + (c - '0'), farthest);
        if (negative) written = -written;
        text = text.substr(0, e);
    }
    const std::size_t dot = std::min(text.find('.'), text.size());
    made.digits = text.substr(0, dot);
    if (dot < text.size()) made.digits += text.substr(dot + 1);
    made.exponent = written + static_cast<std::int64_t>(dot);

    const std::size_t first = std::min(made.digits.find_first_not_of('0'), made.digits.size());
    made.digits.erase(0, first);
    made.exponent -= static_cast<std::int64_t>(first);
    while (made.digits.ends_with('0'))
        made.digits.pop_back();
    if (made.digits.empty()) made.exponent = 0;
    return made;
}

int compare_decimals(const decimal& a, const decimal& b) {
    const int sign_a = a.digits.empty() ? 0 : a.negative ? -1 : 1;
    const int sign_b = b.digits.empty() ? 0 : b.negative ? -1 : 1;
    if (sign_a != sign_b) return sign_a < sign_b ? -1 : 1;
    if (sign_a == 0) return 0;
    if (a.exponent != b.exponent) return a.exponent < b.exponent ? -sign_a : sign_a;
    return sign_a * sign(a.digits <=> b.digits);
}

decimal decimal_of(const value& number) {
    std::string text;
    append_number(text, number);
    return to_decimal(text);
}

bool is_whole(const value& number) {
    switch (number.number_form()) {
        case number_form::int64:
        case number_form::uint64:
            return true;
        case number_form::real:
            return std::trunc(number.as_double()) == number.as_double();
        case number_form::text:
            break;
    }
    const decimal exact = decimal_of(number);
    return exact.exponent >= static_cast<std::int64_t>(exact.digits.size());
}

std::optional<decimal_divisor> decimal_divisor::from(const value& number) {
    constexpr std::size_t most_digits = 18;
    const decimal exact = decimal_of(number);
    if (exact.negative || exact.digits.empty() || exact.digits.size() > most_digits) return {};
    decimal_divisor made;
    std::from_chars(exact.digits.data(), exact.digits.data() + exact.digits.size(), made.digits_);
    made.scale_ = exact.exponent - static_cast<std::int64_t>(exact.digits.size());
    return made;
}

bool decimal_divisor::divides(const value& number) const {
    const decimal exact = decimal_of(number);
    if (exact.digits.empty()) return true;
    const std::int64_t scale = exact.exponent - static_cast<std::int64_t>(exact.digits.size());
    // The digits do not end with zero, so no multiple of ten divides them.
    if (scale < scale_) return false;
    std::uint64_t rest = 0;
    for (const char digit : exact.digits) {
        rest = multiply(rest, 10, digits_) + static_cast<std::uint64_t>(digit - '0');
        rest %= digits_;
    }
    const std::uint64_t power = power_of_ten(static_cast<std::uint64_t>(scale - scale_), digits_);
    return multiply(rest, power, digits_) == 0;
}

}  // namespace sluice::json
