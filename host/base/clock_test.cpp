#include "base/clock.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace sluice::base {
namespace {

struct moment {
    std::int64_t unix_ms;
    const char* text;
};

class rfc3339 : public testing::TestWithParam<moment> {};

TEST_P(rfc3339, is_utc_with_milliseconds) {
    EXPECT_EQ(to_rfc3339(GetParam().unix_ms), GetParam().text);
}

INSTANTIATE_TEST_SUITE_P(moments, rfc3339,
                         testing::Values(moment{0, "1970-01-01T00:00:00.000Z"},
                                         moment{-1, "1969-12-31T23:59:59.999Z"},
                                         moment{1'700'000'000'123, "2023-11-14T22:13:20.123Z"},
                                         moment{1'709'210'096'005, "2024-02-29T12:34:56.005Z"},
                                         moment{253'402'300'799'999, "9999-12-31T23:59:59.999Z"}));

TEST(system_clock, computed_time_is_the_threads_own) {
    system_clock clock;
    const std::int64_t began = clock.steady_ns();
    const std::int64_t before = clock.computed_ns();
    while (clock.computed_ns() - before < 2'000'000) {
    }
    EXPECT_GE(clock.steady_ns() - began, 2'000'000);  // one core is all that a thread has
}

TEST(system_clock, steady_time_does_not_go_back) {
    system_clock clock;
    std::int64_t last = clock.steady_ns();
    for (int i = 0; i < 1000; ++i) {
        const std::int64_t now = clock.steady_ns();
        ASSERT_GE(now, last);
        last = now;
    }
}

TEST(system_clock, wall_time_is_in_milliseconds_of_this_century) {
    system_clock clock;
    EXPECT_GT(clock.unix_ms(), 1'577'836'800'000);  // 2020
    EXPECT_LT(clock.unix_ms(), 4'102'444'800'000);  // 2100
}

TEST(manual_clock, moves_both_times_when_told) {
    manual_clock clock(5'000);
    EXPECT_EQ(clock.unix_ms(), 5'000);
    EXPECT_EQ(clock.steady_ns(), 0);
    clock.advance_ms(20);
    EXPECT_EQ(clock.unix_ms(), 5'020);
    EXPECT_EQ(clock.steady_ns(), 20'000'000);
}

TEST(clock, reads_back_the_text_of_a_time) {
    EXPECT_EQ(parse_rfc3339(to_rfc3339(1'700'000'000'123)), 1'700'000'000'123);
    EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:01Z"), 1'000);
    EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:01.5Z"), 1'500);
    EXPECT_EQ(parse_rfc3339("1970-01-01"), std::nullopt);
    EXPECT_EQ(parse_rfc3339("1970-01-01T00:00:01"), std::nullopt);
}

}  // namespace
}  // namespace sluice::base
