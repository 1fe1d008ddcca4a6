#include "json/number.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "base/panic.hpp"
#include "json/decimal.hpp"

namespace sluice::json {

namespace {

constexpr double two_to_63 = 9223372036854775808.0;
constexpr double two_to_64 = 18446744073709551616.0;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Removes leading digits; false when there is none.
bool take_digits(std::string_view& text) {
    const std::size_t count = static_cast<std::size_t>(
        std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
    text.remove_prefix(count);
    return count > 0;
}

template <class T>
int three_way(T a, T b) {
    return a < b ? -1 : b < a ? 1 : 0;
}

int compare_with_real(std::int64_t a, double b) {
    if (b >= two_to_63) return -1;
    if (b < -two_to_63) return 1;
    const double whole = std::trunc(b);
    if (const int order = three_way(a, static_cast<std::int64_t>(whole))) return order;
    return three_way(whole, b);
}

int compare_with_real(std::uint64_t a, double b) {
    if (b >= two_to_64) return -1;
    if (b < two_to_63) return 1;  // uint64 is only used from here on
    return three_way(a, static_cast<std::uint64_t>(b));
}

int compare_infinity(const value& infinity, const value& other) {
    if (other.number_form() == number_form::real) {
        return three_way(infinity.as_double(), other.as_double());
    }
    return infinity.as_double() > 0 ? 1 : -1;
}

// Up to 15 digits survive the way through a (normal) double and back.
constexpr std::size_t safe_digits = std::numeric_limits<double>::digits10;

// The frequent case, without taking the text apart: a few digits around a decimal point.
bool is_plain_real(std::string_view text, double& real) {
    if (text.size() > safe_digits + 1) return false;
    if (std::from_chars(text.data(), text.data() + text.size(), real).ec != std::errc()) {
        return false;
    }
    const double size = std::fabs(real);
    return size > 1e-100 && size < 1e15 && std::trunc(real) != real;
}

// Whole numbers: int64 or uint64 when they fit.
bool read_whole(const decimal& from, parsed_number& into) {
    constexpr std::int64_t most_digits = 20;
    const auto count = static_cast<std::int64_t>(from.digits.size());
    if (from.exponent < count || from.exponent > most_digits) return false;
    std::string text = from.negative ? "-" : "";
    text += from.digits;
    text.append(static_cast<std::size_t>(from.exponent - count), '0');
    const char* const end = text.data() + text.size();
    if (std::from_chars(text.data(), end, into.int64).ec == std::errc()) {
        into.form = number_form::int64;
        return true;
    }
    if (!from.negative && std::from_chars(text.data(), end, into.uint64).ec == std::errc()) {
        into.form = number_form::uint64;
        return true;
    }
    return false;
}

}  // namespace

bool is_number_text(std::string_view text) {
    if (text.starts_with('-')) text.remove_prefix(1);
    if (text.starts_with('0')) {
        text.remove_prefix(1);
    } else if (!take_digits(text)) {
        return false;
    }
    if (text.starts_with('.')) {
        text.remove_prefix(1);
        if (!take_digits(text)) return false;
    }
    if (text.starts_with('e') || text.starts_with('E')) {
        text.remove_prefix(1);
        if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
        if (!take_digits(text)) return false;
    }
    return text.empty();
}

parsed_number parse_number(std::string_view text) {
    if (!is_number_text(text)) base::panic("not a JSON number: " + std::string(text));
    parsed_number parsed;
    const char* const end = text.data() + text.size();
    const auto as_int = std::from_chars(text.data(), end, parsed.int64);
    if (as_int.ec == std::errc() && as_int.ptr == end && text != "-0") {
        parsed.form = number_form::int64;
        return parsed;
    }
    if (is_plain_real(text, parsed.real)) {
        parsed.form = number_form::real;
        return parsed;
    }
    const decimal exact = to_decimal(text);
    if (exact.digits.empty()) {
        parsed.form = exact.negative ? number_form::real : number_form::int64;
        parsed.real = -0.0;
        parsed.int64 = 0;
        return parsed;
    }
    if (read_whole(exact, parsed)) return parsed;
    if (std::from_chars(text.data(), end, parsed.real).ec != std::errc()) return parsed;
    bool same = exact.digits.size() <= safe_digits && std::isnormal(parsed.real) &&
                std::fabs(parsed.real) < 1e15;
    if (!same) {
        std::string written;
        append_real(written, parsed.real);
        same = compare_decimals(to_decimal(written), exact) == 0;
    }
    if (same) parsed.form = number_form::real;
    return parsed;
}

double nearest_double(std::string_view text) {
    double nearest = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), nearest).ec == std::errc()) {
        return nearest;
    }
    const decimal exact = to_decimal(text);
    if (exact.exponent < 0) return exact.negative ? -0.0 : 0.0;
    constexpr double largest = std::numeric_limits<double>::max();
    return exact.negative ? -largest : largest;
}

void append_real(std::string& out, double number) {
    if (std::isnan(number)) {
        out += "null";
        return;
    }
    if (std::isinf(number)) number = std::copysign(std::numeric_limits<double>::max(), number);
    char text[64];
    const double size = std::fabs(number);
    const auto format = number == 0 || (size >= 1e-6 && size < 1e21)
                            ? std::chars_format::fixed
                            : std::chars_format::scientific;
    const auto written = std::to_chars(text, text + sizeof text, number, format);
    out.append(text, written.ptr);
}

void append_number(std::string& out, const value& number) {
    char text[24];
    std::to_chars_result written{};
    switch (number.number_form()) {
        case number_form::int64:
            written = std::to_chars(text, text + sizeof text, number.as_int64());
            break;
        case number_form::uint64:
            written = std::to_chars(text, text + sizeof text, number.as_uint64());
            break;
        case number_form::real:
            append_real(out, number.as_double());
            return;
        case number_form::text:
            out += number.as_number_text();
            return;
    }
    out.append(text, written.ptr);
}

int compare_numbers(const value& a, const value& b) {
    using enum number_form;
    const number_form form_a = a.number_form();
    const number_form form_b = b.number_form();
    if (form_a == real && std::isnan(a.as_double())) return -1;
    if (form_b == real && std::isnan(b.as_double())) return 1;
    if (form_a == real && std::isinf(a.as_double())) return compare_infinity(a, b);
    if (form_b == real && std::isinf(b.as_double())) return -compare_infinity(b, a);
    if (form_a == text || form_b == text) return compare_decimals(decimal_of(a), decimal_of(b));
    if (form_a == int64 && form_b == int64) return three_way(a.as_int64(), b.as_int64());
    if (form_a == real && form_b == real) return three_way(a.as_double(), b.as_double());
    if (form_a == uint64 && form_b == uint64) return three_way(a.as_uint64(), b.as_uint64());
    if (form_a == real) return -compare_numbers(b, a);
    if (form_b == real) {
        return form_a == int64 ? compare_with_real(a.as_int64(), b.as_double())
                               : compare_with_real(a.as_uint64(), b.as_double());
    }
    return form_a == int64 ? -1 : 1;
}

}  // namespace sluice::json
