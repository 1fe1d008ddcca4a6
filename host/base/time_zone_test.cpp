#include "base/time_zone.hpp"

#include <gtest/gtest.h>

#include "base/clock.hpp"

namespace sluice::base {
namespace {

std::string local(const char* utc, const char* zone) {
    const auto found = find_time_zone(zone);
    return found ? to_local_rfc3339(parse_rfc3339(utc).value(), *found) : "?";
}

TEST(time_zone, says_what_clocks_show) {
    EXPECT_EQ(local("2026-05-03T22:30:00Z", "Europe/Berlin"), "2026-05-04T00:30:00.000+02:00");
    EXPECT_EQ(local("2026-12-31T23:00:00.250Z", "Europe/Berlin"), "2027-01-01T00:00:00.250+01:00");
    EXPECT_EQ(local("2026-05-04T01:00:00Z", "America/Los_Angeles"),
              "2026-05-03T18:00:00.000-07:00");
    EXPECT_EQ(local("2026-05-04T01:00:00Z", "Asia/Kolkata"), "2026-05-04T06:30:00.000+05:30");
    EXPECT_EQ(local("1969-12-31T23:59:59.999Z", "UTC"), "1969-12-31T23:59:59.999+00:00");
}

TEST(time_zone, of_a_wrong_name_is_an_error_with_a_hint) {
    const auto found = find_time_zone("Europe/Nowhere");
    ASSERT_FALSE(found);
    EXPECT_EQ(found.error_value().code, error_code::not_found);
    EXPECT_NE(found.error_value().hint.find("Europe/Berlin"), std::string::npos);
}

}  // namespace
}  // namespace sluice::base
