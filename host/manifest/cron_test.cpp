#include "manifest/cron.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sluice::manifest {
namespace {

using testing::HasSubstr;

cron_fields parsed(std::string_view text) {
    const auto made = parse_cron(text);
    EXPECT_TRUE(made) << text;
    return made ? *made : cron_fields();
}

TEST(cron, fields_become_bits) {
    const cron_fields made = parsed("*/20 8-10,22 1,15 jan,Mar-5 MON-FRI");
    EXPECT_EQ(made.minutes, (1ull << 0) | (1ull << 20) | (1ull << 40));
    EXPECT_EQ(made.hours, 0b0100'0000'0000'0111'0000'0000u);
    EXPECT_EQ(made.days, (1u << 1) | (1u << 15));
    EXPECT_EQ(made.months, 0b111010u);
    EXPECT_EQ(made.weekdays, 0b0111110u);
    EXPECT_FALSE(made.any_day || made.any_weekday);
}

TEST(cron, sunday_is_zero_and_seven) {
    EXPECT_EQ(parsed("0 0 * * 7").weekdays, 1u);
    EXPECT_EQ(parsed("0 0 * * sun").weekdays, 1u);
    EXPECT_EQ(parsed("0 0 * * fri-sun").weekdays, 0b1100001u);
    EXPECT_TRUE(parsed("0 0 * * 7").any_day);
    EXPECT_EQ(parsed("5/25 * * * *").minutes, (1ull << 5) | (1ull << 30) | (1ull << 55));
    EXPECT_TRUE(parsed("  0\t0 29 2 *  ").any_weekday);
}

TEST(cron, wrong_ones_are_refused) {
    const auto message = [](std::string_view text) {
        const auto made = parse_cron(text);
        return made ? std::string("accepted") : made.error_value().message;
    };
    EXPECT_EQ(message(""), "a schedule has five fields, this one has 0");
    EXPECT_EQ(message("* * * * * *"), "a schedule has five fields, this one has 6");
    EXPECT_EQ(message("@daily"), "a schedule has five fields, this one has 1");
    EXPECT_THAT(message("60 * * * *"), HasSubstr("\"60\" is not a minute from 0 to 59"));
    EXPECT_THAT(message("* * 0 * *"), HasSubstr("\"0\" is not a day from 1 to 31"));
    EXPECT_THAT(message("* * * jam *"), HasSubstr("\"jam\" is not a month"));
    EXPECT_THAT(message("* 5-3 * * *"), HasSubstr("\"5-3\" ends before it begins"));
    EXPECT_THAT(message("*/0 * * * *"), HasSubstr("no whole number from 1"));
    EXPECT_THAT(message("1,,2 * * * *"), HasSubstr("\"\" is not a minute"));
    EXPECT_THAT(message("-5 * * * *"), HasSubstr("is not a minute"));
    EXPECT_THAT(message("0 0 31 feb,apr *"), HasSubstr("a day that its months do not have"));
    EXPECT_EQ(message("0 0 31 feb mon"), "accepted") << "on Mondays";
}

}  // namespace
}  // namespace sluice::manifest
