// Dates, times and durations of schema_format.hpp.
#include <algorithm>
#include <cstddef>

#include "json/schema_format.hpp"

namespace sluice::json::schemas {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The number that is `count` digits at `at`; -1 if there are none.
int digits(std::string_view text, std::size_t at, std::size_t count) {
    if (text.size() < at + count) return -1;
    int read = 0;
    for (const char c : text.substr(at, count)) {
        if (!is_digit(c)) return -1;
        read = read * 10 + (c - '0');
    }
    return read;
}

bool is_between(int least, int number, int most) { return least <= number && number <= most; }

int days_of(int year, int month) {
    constexpr int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap ? 1 : 0);
}

// "Z" or "+01:30": minutes east of UTC in `minutes`.
bool read_offset(std::string_view text, int& minutes) {
    minutes = 0;
    if (text == "Z" || text == "z") return true;
    const int hour = digits(text, 1, 2);
    const int minute = digits(text, 4, 2);
    if (text.size() != 6 || (text[0] != '+' && text[0] != '-') || text[3] != ':') return false;
    minutes = (hour * 60 + minute) * (text[0] == '-' ? -1 : 1);
    return is_between(0, hour, 23) && is_between(0, minute, 59);
}

// Takes "12D" from the front of `text` while its letters come in the order of `units`, each once.
// False when something else is there or nothing at all.
bool take_units(std::string_view& text, std::string_view units) {
    std::size_t next = 0;
    bool any = false;
    while (!text.empty() && is_digit(text.front())) {
        const std::size_t end = static_cast<std::size_t>(
            std::find_if_not(text.begin(), text.end(), is_digit) - text.begin());
        if (end == text.size()) return false;
        const std::size_t found = units.find(text[end], next);
        // Between two of them none may be left out: P1Y2D is not a duration.
        if (found == std::string_view::npos || (any && found != next)) return false;
        next = found + 1;
        any = true;
        text.remove_prefix(end + 1);
    }
    return any;
}

}  // namespace

bool is_date(std::string_view text) {
    if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
    const int year = digits(text, 0, 4);
    const int month = digits(text, 5, 2);
    const int day = digits(text, 8, 2);
    return year >= 0 && is_between(1, month, 12) && is_between(1, day, days_of(year, month));
}

bool is_time(std::string_view text) {
    const int hour = digits(text, 0, 2);
    const int minute = digits(text, 3, 2);
    const int second = digits(text, 6, 2);
    if (!is_between(0, hour, 23) || !is_between(0, minute, 59) || !is_between(0, second, 60)) {
        return false;
    }
    if (text[2] != ':' || text[5] != ':') return false;
    std::size_t at = 8;
    if (text.size() > at && text[at] == '.') {
        const std::size_t first = ++at;
        while (at < text.size() && is_digit(text[at]))
            ++at;
        if (at == first) return false;
    }
    int offset = 0;
    if (!read_offset(text.substr(at), offset)) return false;
    constexpr int day = 24 * 60;
    return second < 60 || (hour * 60 + minute - offset + 2 * day) % day == day - 1;
}

bool is_date_time(std::string_view text) {
    return text.size() > 11 && (text[10] == 'T' || text[10] == 't') &&
           is_date(text.substr(0, 10)) && is_time(text.substr(11));
}

bool is_duration(std::string_view text) {
    if (!text.starts_with('P')) return false;
    text.remove_prefix(1);
    if (text.ends_with('W')) return take_units(text, "W") && text.empty();
    const bool has_date = !text.empty() && text.front() != 'T';
    if (has_date && !take_units(text, "YMD")) return false;
    if (text.empty()) return has_date;
    if (text.front() != 'T') return false;
    text.remove_prefix(1);
    return take_units(text, "HMS") && text.empty();
}

}  // namespace sluice::json::schemas
