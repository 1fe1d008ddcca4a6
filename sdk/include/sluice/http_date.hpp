#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice {
inline namespace sdk {

// Seconds since 1970 of "Sun, 06 Nov 1994 08:49:37 GMT", the form that HTTP prescribes for dates
// (RFC 9110, 5.6.7). Nothing for any other text.
inline std::optional<std::int64_t> parse_http_date(std::string_view text) noexcept {
    constexpr std::string_view months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    constexpr std::string_view pattern = "..., 00 ... 0000 00:00:00 GMT";
    if (text.size() != pattern.size()) return std::nullopt;
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool fits = pattern[i] == '.'   ? text[i] > ' '
                          : pattern[i] == '0' ? is_digit(text[i])
                                              : text[i] == pattern[i];
        if (!fits) return std::nullopt;
    }
    const auto number = [&](std::size_t at, std::size_t digits) {
        int value = 0;
        for (std::size_t i = 0; i < digits; ++i)
            value = value * 10 + (text[at + i] - '0');
        return value;
    };
    const std::size_t month = months.find(text.substr(8, 3));
    if (month == months.npos || month % 3 != 0) return std::nullopt;
    const std::chrono::year_month_day date{std::chrono::year(number(12, 4)),
                                           std::chrono::month(static_cast<unsigned>(month / 3 + 1)),
                                           std::chrono::day(static_cast<unsigned>(number(5, 2)))};
    if (!date.ok() || number(17, 2) > 23 || number(20, 2) > 59 || number(23, 2) > 60) {
        return std::nullopt;
    }
    const std::int64_t days = std::chrono::sys_days(date).time_since_epoch().count();
    return days * 86400 + number(17, 2) * 3600 + number(20, 2) * 60 + number(23, 2);
}

}  // namespace sdk
}  // namespace sluice
