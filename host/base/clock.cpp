#include "base/clock.hpp"

#include <ctime>

#include <time.h>

#include <chrono>
#include <cstdio>

#include "base/panic.hpp"

namespace sluice::base {

std::int64_t system_clock::unix_ms() {
    const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(since_epoch).count();
}

std::int64_t system_clock::steady_ns() {
    timespec now{};
    // std::chrono::steady_clock stands still while the machine is suspended.
    if (::clock_gettime(CLOCK_BOOTTIME, &now) != 0) panic("the system has no CLOCK_BOOTTIME");
    return std::int64_t{now.tv_sec} * 1'000'000'000 + now.tv_nsec;
}

std::int64_t system_clock::computed_ns() {
    timespec used{};
    if (::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used) != 0) {
        panic("the system has no CLOCK_THREAD_CPUTIME_ID");
    }
    return std::int64_t{used.tv_sec} * 1'000'000'000 + used.tv_nsec;
}

std::string to_rfc3339(std::int64_t unix_ms) {
    using namespace std::chrono;
    const sys_time<milliseconds> moment{milliseconds{unix_ms}};
    const auto day = floor<days>(moment);
    const year_month_day date{day};
    const hh_mm_ss<milliseconds> time{moment - day};
    char text[64];
    const int length = std::snprintf(
        text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
        static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
        static_cast<int>(time.hours().count()), static_cast<int>(time.minutes().count()),
        static_cast<int>(time.seconds().count()), static_cast<int>(time.subseconds().count()));
    return {text, static_cast<std::size_t>(length)};
}

std::optional<std::int64_t> parse_rfc3339(const std::string& text) {
    std::tm parts{};
    const char* rest = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts);
    if (rest == nullptr) return std::nullopt;
    std::int64_t ms = 0;
    if (*rest == '.') {
        std::int64_t unit = 100;
        for (++rest; *rest >= '0' && *rest <= '9'; ++rest, unit /= 10)
            ms += (*rest - '0') * unit;
    }
    if (rest[0] != 'Z' || rest[1] != '\0') return std::nullopt;
    return static_cast<std::int64_t>(::timegm(&parts)) * 1000 + ms;
}

}  // namespace sluice::base
