// Times of files as text, in UTC.
#pragma once

#include <array>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string>

namespace sluice {
inline namespace sdk {

// "2026-01-31T12:00:00Z"
inline std::string utc_text(std::chrono::seconds since_1970) {
    using namespace std::chrono;
    const sys_seconds moment(since_1970);
    const auto day = floor<days>(moment);
    const year_month_day date(day);
    const hh_mm_ss<seconds> time(moment - day);
    std::array<char, 64> text{};
    std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02dZ",
                  static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                  static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
                  static_cast<int>(time.minutes().count()),
                  static_cast<int>(time.seconds().count()));
    return text.data();
}

// "2026-01-31T12:00:00.000Z"
inline std::string utc_text(std::chrono::milliseconds since_1970) {
    const auto whole = std::chrono::floor<std::chrono::seconds>(since_1970);
    std::array<char, 8> fraction{};
    std::snprintf(fraction.data(), fraction.size(), ".%03dZ",
                  static_cast<int>((since_1970 - whole).count()));
    std::string text = utc_text(whole);
    text.pop_back();
    return text += fraction.data();
}

// Since 1970, of a text like one of these; nothing for another.
inline std::optional<std::chrono::milliseconds> parse_utc(const std::string& text) {
    using namespace std::chrono;
    constexpr std::size_t short_size = 20;
    constexpr std::size_t long_size = 24;
    int y = 0;
    unsigned mo = 0;
    unsigned d = 0;
    int h = 0;
    int mi = 0;
    int s = 0;
    int ms = 0;
    const bool is_long = text.size() == long_size;
    if (!text.ends_with('Z') || (!is_long && text.size() != short_size)) return std::nullopt;
    const int read =
        std::sscanf(text.c_str(), "%4d-%2u-%2uT%2d:%2d:%2d.%3dZ", &y, &mo, &d, &h, &mi, &s, &ms);
    const year_month_day date{year(y), month(mo), day(d)};
    if (read != (is_long ? 7 : 6) || y < 0 || !date.ok()) return std::nullopt;
    const auto time = sys_days(date) + hours(h) + minutes(mi) + seconds(s) + milliseconds(ms);
    // Whatever is not written as it should be would be written otherwise.
    const milliseconds parsed = time.time_since_epoch();
    const std::string again = is_long ? utc_text(parsed) : utc_text(floor<seconds>(parsed));
    return again == text ? std::optional(parsed) : std::nullopt;
}

}  // namespace sdk
}  // namespace sluice
