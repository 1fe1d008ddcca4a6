#include "plugin/check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugin/plugin_testing.hpp"

namespace sluice::plugin {

namespace {

using testing::HasSubstr;

check_report check(std::string_view name, std::int64_t timeout_ms = 60'000) {
    return check_connector(fixture(name), SLUICE_CHECK_CHILD, timeout_ms);
}

}  // namespace

// `faultless` reads the clock and writes to the log while it opens.
TEST(connector_check, accepts_connectors_in_c_and_in_cpp) {
    for (const char* name : {"probe", "misbehave", "friendly", "in_order", "faultless"}) {
        const check_report report = check(name);
        EXPECT_TRUE(report.accepted) << name << ": " << report.reason;
        EXPECT_EQ(report.items.size(), 5u) << name;
        for (const check_item& item : report.items)
            EXPECT_TRUE(item.passed) << item.name;
    }
}

TEST(connector_check, refuses_with_the_step_that_failed_and_a_next_step) {
    const std::tuple<const char*, const char*, const char*> cases[] = {
        {"no_descriptor", "descriptor", "no section"},
        {"descriptor_json", "descriptor", "not valid JSON"},
        {"more_exports", "exports", "leaked_function"},
        {"id", "load", "table says id `somebody-else`, its descriptor `broken`"},
        {"table_action", "load", "table has action `extra`, its descriptor does not"},
        {"descriptor_action", "load", "descriptor has action `ghost`"},
        {"descriptor_flag", "load", "not blocking in its table"},
        {"duplicate_action", "load", "action `echo` twice"},
        {"short_struct", "load", "its table is 16 bytes long"},
        {"no_table", "load", "returned nothing"},
        {"undefined_symbol", "load", "sluice_fixture_symbol_that_nobody_defines"},
        {"open_error", "open", "the licence file is missing"},
    };
    for (const auto& [name, step, reason] : cases) {
        const check_report report = check(name);
        EXPECT_FALSE(report.accepted) << name;
        EXPECT_THAT(report.reason, HasSubstr(reason)) << name;
        EXPECT_FALSE(report.next_step.empty()) << name;
        bool failed_there = false;
        for (const check_item& item : report.items) {
            if (item.name == step) failed_there = !item.passed;
        }
        EXPECT_TRUE(failed_there) << name << " should fail in " << step;
    }
}

TEST(connector_check, a_crash_is_a_finding) {
    const check_report report = check("open_crashes");
    EXPECT_FALSE(report.accepted);
    EXPECT_THAT(report.reason, HasSubstr("ended the process in open: signal 6"));
}

TEST(connector_check, a_hang_is_a_finding) {
    const check_report report = check("open_hangs", 3'000);
    EXPECT_FALSE(report.accepted);
    EXPECT_THAT(report.reason, HasSubstr("did not return within 3000 ms"));
}

}  // namespace sluice::plugin
