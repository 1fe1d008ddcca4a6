// A connector that was built with a later header of the same major (tests/connectors/later.c).
#include <gtest/gtest.h>

#include "plugin/check.hpp"
#include "plugin/plugin_testing.hpp"

namespace sluice::plugin {

TEST(later_connector, is_accepted_and_its_longer_structs_are_read_right) {
    plugin_world world;
    world.install("later");
    EXPECT_EQ(output_of(world.call("later", "first", "{}")), "1");
    EXPECT_EQ(output_of(world.call("later", "second", "{}")), "2");
    EXPECT_TRUE(world.connectors->find("later")->description().find_action("first")->idempotent);
}

TEST(later_connector, passes_the_check) {
    const check_report report = check_connector(fixture("later"), SLUICE_CHECK_CHILD, 60'000);
    EXPECT_TRUE(report.accepted) << report.reason;
}

}  // namespace sluice::plugin
