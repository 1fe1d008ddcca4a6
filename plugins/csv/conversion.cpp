#include "conversion.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <sluice/encoding.hpp>
#include <sluice/option.hpp>
#include <utility>

namespace csv {

using sluice::failure;

namespace {

constexpr std::array<std::pair<std::string_view, value_type>, 5> type_names = {
    {{"text", value_type::text},
     {"integer", value_type::integer},
     {"number", value_type::number},
     {"boolean", value_type::boolean},
     {"date", value_type::date}}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<json> to_integer(std::string_view text) {
    if (text.starts_with('+')) text.remove_prefix(1);
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return json(value);
}

// Exactly: what no double holds keeps its digits.
std::optional<json> to_number(std::string_view text, char decimal) {
    if (text.starts_with('+')) text.remove_prefix(1);
    std::string plain(text);
    if (decimal != '.') {
        if (plain.find('.') != plain.npos) return std::nullopt;
        std::replace(plain.begin(), plain.end(), decimal, '.');
    }
    const bool negative = plain.starts_with('-');
    const std::size_t first = negative ? 1 : 0;
    if (plain.size() > first && plain[first] == '.') plain.insert(first, 1, '0');
    if (plain.size() > first + 1 && plain[first] == '0') {
        const std::size_t end = plain.find_first_not_of('0', first);
        const bool digit_left = end != plain.npos && is_digit(plain[end]);
        const std::size_t keep = digit_left ? end : (end == plain.npos ? plain.size() : end) - 1;
        plain.erase(first, keep - first);
    }
    try {
        return json::number(plain);
    } catch (const sluice::json_error&) {
        return std::nullopt;
    }
}

std::optional<json> to_boolean(std::string_view text) {
    const std::string lower = sluice::lower_ascii(text);
    for (const char* yes : {"true", "yes", "y", "1"}) {
        if (lower == yes) return json(true);
    }
    for (const char* no : {"false", "no", "n", "0"}) {
        if (lower == no) return json(false);
    }
    return std::nullopt;
}

struct date_parts {
    int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0;
    bool has_time = false;

    int* find(std::string_view pattern) {
        const std::pair<std::string_view, int*> known[] = {{"YYYY", &year}, {"MM", &month},
                                                           {"DD", &day},    {"hh", &hour},
                                                           {"mm", &minute}, {"ss", &second}};
        for (const auto& [name, part] : known) {
            if (!pattern.starts_with(name)) continue;
            has_time = has_time || name == "hh" || name == "mm" || name == "ss";
            return part;
        }
        return nullptr;
    }
};

std::string two_digits(int value) {
    return {static_cast<char>('0' + value / 10), static_cast<char>('0' + value % 10)};
}

// "2026-01-31", or "2026-01-31T12:00:00" when the format has a time.
std::optional<json> to_date(std::string_view text, std::string_view format) {
    date_parts parts;
    while (!format.empty()) {
        if (int* part = parts.find(format)) {
            const std::size_t digits = format.starts_with("YYYY") ? 4 : 2;
            if (text.size() < digits) return std::nullopt;
            *part = 0;
            for (std::size_t i = 0; i < digits; ++i) {
                if (!is_digit(text[i])) return std::nullopt;
                *part = *part * 10 + (text[i] - '0');
            }
            text.remove_prefix(digits);
            format.remove_prefix(digits);
        } else {
            if (text.empty() || text[0] != format[0]) return std::nullopt;
            text.remove_prefix(1);
            format.remove_prefix(1);
        }
    }
    const std::chrono::year_month_day day{std::chrono::year(parts.year),
                                          std::chrono::month(static_cast<unsigned>(parts.month)),
                                          std::chrono::day(static_cast<unsigned>(parts.day))};
    if (!text.empty() || !day.ok() || parts.hour > 23 || parts.minute > 59 || parts.second > 60) {
        return std::nullopt;
    }
    std::string out = two_digits(parts.year / 100) + two_digits(parts.year % 100) + '-' +
                      two_digits(parts.month) + '-' + two_digits(parts.day);
    if (parts.has_time) {
        out += 'T' + two_digits(parts.hour) + ':' + two_digits(parts.minute) + ':' +
               two_digits(parts.second);
    }
    return json(std::move(out));
}

}  // namespace

const char* name_of(value_type type) {
    constexpr const char* names[] = {"text", "a whole number", "a number", "true or false",
                                     "a date"};
    return names[static_cast<std::size_t>(type)];
}

conversion read_conversion(const std::string& column, const json& type, char decimal) {
    const std::string name = type.is_string() ? type.as_string() : type.get_or("type", "");
    for (const auto& [known, value] : type_names) {
        if (name != known) continue;
        return {
            value, decimal,
            type.is_object() ? sluice::string_option(type, "format", "YYYY-MM-DD") : "YYYY-MM-DD"};
    }
    throw failure(SLUICE_INVALID_INPUT, "the type of the column '" + column +
                                            "' must be text, integer, number, boolean or date");
}

std::optional<json> convert(std::string_view text, const conversion& wanted) {
    if (wanted.type == value_type::text) return json(text);
    if (text.empty()) return json();
    // Behind a plus the number begins; "+-5" is none.
    if (text.starts_with("+-")) return std::nullopt;
    switch (wanted.type) {
        case value_type::integer:
            return to_integer(text);
        case value_type::number:
            return to_number(text, wanted.decimal);
        case value_type::boolean:
            return to_boolean(text);
        default:
            return to_date(text, wanted.format);
    }
}

}  // namespace csv
