// Durations, version constraints, error types, waits.
#include <gtest/gtest.h>

#include "json/text.hpp"
#include "manifest/duration.hpp"
#include "manifest/integration.hpp"
#include "manifest/task.hpp"

namespace sluice::manifest {
namespace {

std::int64_t milliseconds(const char* json_text) {
    const auto read = parse_duration(*json::parse(json_text));
    return read ? *read : -1;
}

TEST(duration, reads_iso_8601) {
    EXPECT_EQ(milliseconds(R"("PT30S")"), 30'000);
    EXPECT_EQ(milliseconds(R"("PT1M30.5S")"), 90'500);
    EXPECT_EQ(milliseconds(R"("P1DT2H")"), 93'600'000);
    EXPECT_EQ(milliseconds(R"("P2W")"), 1'209'600'000);
    EXPECT_EQ(milliseconds(R"("PT0S")"), 0);
}

TEST(duration, reads_units) {
    EXPECT_EQ(milliseconds(R"({"minutes":1,"seconds":2,"milliseconds":3})"), 62'003);
    EXPECT_EQ(milliseconds(R"({"days":1,"hours":1})"), 90'000'000);
}

TEST(duration, refuses_what_has_no_fixed_length_or_no_sense) {
    for (const char* text : {R"("P1Y")", R"("P1M")", R"("30s")", R"("PT")", R"("P")", R"("PT5")",
                             R"("P1DT")", R"("PT-5S")", R"("")", "5", "{}", R"({"weeks":1})",
                             R"({"seconds":-1})", R"({"seconds":"1"})", R"("PT99999999999999H")"}) {
        EXPECT_EQ(milliseconds(text), -1) << text;
    }
}

bool accepts(const char* constraint, const char* version) {
    const auto parsed = version_constraint::parse(constraint);
    EXPECT_TRUE(parsed) << constraint;
    return parsed && parsed->accepts(version);
}

TEST(version_constraint, caret_keeps_the_first_number_that_is_not_zero) {
    EXPECT_TRUE(accepts("^1.2", "1.9.0"));
    EXPECT_FALSE(accepts("^1.2", "1.1.9"));
    EXPECT_FALSE(accepts("^1.2", "2.0.0"));
    EXPECT_TRUE(accepts("^0.1", "0.1.7"));
    EXPECT_FALSE(accepts("^0.1", "0.2.0"));
    EXPECT_FALSE(accepts("^0.0.3", "0.0.4"));
}

TEST(version_constraint, knows_tilde_minimum_exact_and_any) {
    EXPECT_TRUE(accepts("~1.2.3", "1.2.9"));
    EXPECT_FALSE(accepts("~1.2.3", "1.3.0"));
    EXPECT_TRUE(accepts(">=1.2", "7.0.0"));
    EXPECT_FALSE(accepts(">=1.2", "1.1.0"));
    EXPECT_TRUE(accepts("1.2.3", "1.2.3"));
    EXPECT_FALSE(accepts("1.2.3", "1.2.4"));
    EXPECT_TRUE(accepts("*", "0.0.1"));
    EXPECT_FALSE(accepts("*", "latest"));
}

TEST(version_constraint, refuses_anything_else) {
    for (const char* text : {"", "1", "1.2", "^", "^x", "1.2.3.4", "latest", "^1.2-rc", "^-1"}) {
        EXPECT_FALSE(version_constraint::parse(text)) << text;
    }
}

TEST(error_type, is_the_same_under_both_uri_families) {
    const std::string timeout = standard_error_type("timeout");
    EXPECT_TRUE(
        same_error_type(timeout, "https://serverlessworkflow.io/spec/1.0.0/errors/timeout"));
    EXPECT_TRUE(same_error_type(timeout, "https://serverlessworkflow.io/dsl/errors/types/timeout"));
    EXPECT_TRUE(same_error_type(
        timeout, "https://open-workflow-specification.org/dsl/errors/types/timeout"));
    EXPECT_FALSE(same_error_type(timeout, standard_error_type("runtime")));
    EXPECT_FALSE(same_error_type("urn:a", "urn:b"));
    EXPECT_TRUE(same_error_type("urn:a", "urn:a"));
}

TEST(retry_policy, waits_grow_as_pinned_and_stay_below_five_minutes) {
    retry_policy policy;
    policy.delay_ms = 2'000;
    EXPECT_EQ(policy.wait_ms(4), 2'000);
    policy.growth = backoff::kind::linear;
    EXPECT_EQ(policy.wait_ms(3), 6'000);
    policy.growth = backoff::kind::exponential;
    EXPECT_EQ(policy.wait_ms(1), 2'000);
    EXPECT_EQ(policy.wait_ms(4), 16'000);
    EXPECT_EQ(policy.wait_ms(1'000'000), 300'000);
}

}  // namespace
}  // namespace sluice::manifest
