#include "sluice/utc_text.hpp"

#include <gtest/gtest.h>

namespace sluice {
namespace {

TEST(utc_text, can_be_read_again) {
    using namespace std::chrono;
    for (const std::int64_t ms : {-1LL, 0LL, 999LL, 1769860800000LL, 1769860800123LL}) {
        EXPECT_EQ(parse_utc(utc_text(milliseconds(ms))), milliseconds(ms));
    }
    EXPECT_EQ(utc_text(milliseconds(1769860800123)), "2026-01-31T12:00:00.123Z");
    EXPECT_EQ(utc_text(seconds(1769860800)), "2026-01-31T12:00:00Z");
    EXPECT_EQ(parse_utc("2026-01-31T12:00:00Z"), seconds(1769860800));
}

TEST(utc_text, is_nothing_else) {
    for (const char* text :
         {"", "Z", "yesterday", "2026-02-30T12:00:00Z", "2026-01-31T24:00:00Z",
          "2026-01-31T12:00:00", "2026-01-31 12:00:00Z", "2026-01-31T12:00:00.12Z",
          "2026-01-31T12:00:00+01Z", "2026-1-31T12:00:00.000Z", "2026-01-31T12:00:00.-01Z",
          "-026-01-31T12:00:00Z"}) {
        EXPECT_EQ(parse_utc(text), std::nullopt) << text;
    }
}

}  // namespace
}  // namespace sluice
