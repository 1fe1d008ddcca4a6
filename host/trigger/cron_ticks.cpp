#include "trigger/cron_ticks.hpp"

#include <bit>
#include <chrono>

namespace sluice::trigger {
namespace {

constexpr std::int64_t minute_s = 60;
constexpr std::int64_t hour_s = 3600;
constexpr std::int64_t day_s = 86'400;
constexpr std::int64_t furthest_s = 100 * 366 * day_s;
constexpr std::uint32_t every_hour = 0xffffff;

std::int64_t floor_to(std::int64_t value, std::int64_t unit) {
    const std::int64_t rest = value % unit;
    return value - (rest < 0 ? rest + unit : rest);
}

bool has_day(const manifest::cron_fields& fields, const std::chrono::year_month_day& date,
             std::chrono::sys_days day) {
    const bool by_day = (fields.days >> static_cast<unsigned>(date.day()) & 1) != 0;
    const bool by_weekday = (fields.weekdays >> std::chrono::weekday(day).c_encoding() & 1) != 0;
    if (!fields.any_day && !fields.any_weekday) return by_day || by_weekday;
    return by_day && by_weekday;
}

// The first bit from `from` on; -1: there is none.
int next_bit(std::uint64_t bits, int from) {
    if (from > 63) return -1;
    const std::uint64_t left = bits >> from << from;
    return left == 0 ? -1 : std::countr_zero(left);
}

// The first second of the day, from `from` on, that fits; -1: none of this day.
std::int64_t time_of_day(const manifest::cron_fields& fields, std::int64_t from) {
    int hour = static_cast<int>(from / hour_s);
    int minute = static_cast<int>((from % hour_s + minute_s - 1) / minute_s);
    while (true) {
        const int fits = next_bit(fields.hours, hour);
        if (fits < 0) return -1;
        const int found = next_bit(fields.minutes, fits == hour ? minute : 0);
        if (found >= 0) return fits * hour_s + found * minute_s;
        hour = fits + 1;
        minute = 0;
    }
}

// The first local time from `from` on, before `end`, that fits; `end` when there is none. Local
// times are seconds that count as if the zone were UTC.
std::int64_t next_local(const manifest::cron_fields& fields, std::int64_t from, std::int64_t end) {
    using namespace std::chrono;
    std::int64_t at = from;
    while (at < end) {
        const std::int64_t midnight = floor_to(at, day_s);
        const sys_days day{days(midnight / day_s)};
        const year_month_day date(day);
        if ((fields.months >> static_cast<unsigned>(date.month()) & 1) == 0) {
            const sys_days first = (date.year() / date.month() + months(1)) / 1;
            at = first.time_since_epoch().count() * day_s;
            continue;
        }
        if (has_day(fields, date, day)) {
            const std::int64_t time = time_of_day(fields, at - midnight);
            if (time >= 0) return midnight + time < end ? midnight + time : end;
        }
        at = midnight + day_s;
    }
    return end;
}

}  // namespace

base::result<std::int64_t> next_tick(const manifest::cron_fields& fields,
                                     const base::time_zone& zone, std::int64_t after_ms) {
    const bool by_the_clock = fields.hours == every_hour;
    std::int64_t at = floor_to(after_ms, minute_s * 1000) / 1000 + minute_s;
    const std::int64_t last = at + furthest_s;
    // One period of a constant offset after the other.
    while (at < last) {
        const base::time_zone::period now = zone.at(at);
        std::int64_t from = at + now.offset_s;
        if (!by_the_clock && now.begin_s > at - furthest_s) {
            const std::int64_t before = zone.at(now.begin_s - 1).offset_s;
            const std::int64_t end_of_last = now.begin_s + before;
            const std::int64_t begin = now.begin_s + now.offset_s;
            if (at == now.begin_s && next_local(fields, end_of_last, begin) < begin)
                return at * 1000;
            if (from < end_of_last) from = end_of_last;  // clocks have shown this before
        }
        const std::int64_t end = now.end_s < last ? now.end_s : last;
        const std::int64_t found = next_local(fields, from, end + now.offset_s);
        if (found < end + now.offset_s) return (found - now.offset_s) * 1000;
        at = end;
    }
    return base::make_error(base::error_code::not_found, "this schedule never comes",
                            "look at its day, month and weekday together");
}

}  // namespace sluice::trigger
