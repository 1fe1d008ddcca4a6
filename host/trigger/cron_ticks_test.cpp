#include "trigger/cron_ticks.hpp"

#include <gtest/gtest.h>

#include "base/clock.hpp"

namespace sluice::trigger {
namespace {

std::string next(const char* cron, const char* zone, const char* after) {
    const auto fields = manifest::parse_cron(cron);
    const auto found = base::find_time_zone(zone);
    if (!fields || !found) return "?";
    const auto tick = next_tick(*fields, *found, base::parse_rfc3339(after).value());
    return tick ? base::to_rfc3339(*tick) : tick.error_value().message;
}

TEST(cron_ticks, follow_the_clocks_of_the_zone) {
    EXPECT_EQ(next("0 3 * * *", "Europe/Berlin", "2026-07-01T00:59:59.999Z"),
              "2026-07-01T01:00:00.000Z");
    EXPECT_EQ(next("0 3 * * *", "Europe/Berlin", "2026-07-01T01:00:00Z"),
              "2026-07-02T01:00:00.000Z")
        << "after, not at";
    EXPECT_EQ(next("0 3 * * *", "Asia/Kathmandu", "2026-01-01T00:00:00Z"),
              "2026-01-01T21:15:00.000Z");
}

TEST(cron_ticks, of_a_jump_come_once_at_its_end) {
    EXPECT_EQ(next("15,30,45 2 * * *", "Europe/Berlin", "2026-03-28T12:00:00Z"),
              "2026-03-29T01:00:00.000Z");
    EXPECT_EQ(next("15,30,45 2 * * *", "Europe/Berlin", "2026-03-29T01:00:00Z"),
              "2026-03-30T00:15:00.000Z");
    EXPECT_EQ(next("0 9 * * *", "Pacific/Apia", "2011-12-30T00:00:00Z"), "2011-12-30T10:00:00.000Z")
        << "the whole 30th is missing there";
}

TEST(cron_ticks, that_clocks_show_twice_come_once) {
    EXPECT_EQ(next("30 2 * * *", "Europe/Berlin", "2026-10-24T12:00:00Z"),
              "2026-10-25T00:30:00.000Z");
    EXPECT_EQ(next("30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:00Z"),
              "2026-10-26T01:30:00.000Z");
    EXPECT_EQ(next("30 * * * *", "Europe/Berlin", "2026-10-25T00:30:00Z"),
              "2026-10-25T01:30:00.000Z")
        << "every hour is every hour";
}

TEST(cron_ticks, far_away_are_found_and_impossible_ones_end) {
    EXPECT_EQ(next("0 0 29 feb */6", "UTC", "2097-01-01T00:00:00Z"), "2116-02-29T00:00:00.000Z")
        << "a leap day on a Saturday or Sunday";
    manifest::cron_fields none;
    none.minutes = 1;
    none.hours = 1;
    none.months = 2;
    const auto utc = base::find_time_zone("UTC");
    ASSERT_TRUE(utc);
    const auto tick = next_tick(none, *utc, 0);
    ASSERT_FALSE(tick);
    EXPECT_EQ(tick.error_value().message, "this schedule never comes");
}

}  // namespace
}  // namespace sluice::trigger
