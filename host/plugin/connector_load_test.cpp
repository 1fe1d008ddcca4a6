// Loading and opening, at the first call and again after a failure.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "plugin/plugin_testing.hpp"

namespace sluice::plugin {

namespace {

using base::error_code;
using testing::HasSubstr;

}  // namespace

TEST(connector_load, a_failed_open_is_reported_and_tried_again_after_a_pause) {
    plugin_world world;
    ::unsetenv("SLUICE_FIXTURE_LICENCE");
    world.install("open_error");
    const auto subject = world.connectors->find("broken");
    ASSERT_TRUE(subject);
    const call_outcome first = world.call("broken", "echo", "{}");
    ASSERT_EQ(code_of(first), error_code::unavailable);
    EXPECT_THAT(first.output_json.error_value().message, HasSubstr("the licence file is missing"));
    EXPECT_GT(first.output_json.error_value().retry_after_ms, 0);
    EXPECT_EQ(subject->status(), load_status::failed);
    EXPECT_FALSE(subject->load_error());

    ::setenv("SLUICE_FIXTURE_LICENCE", "here", 1);
    EXPECT_EQ(code_of(world.call("broken", "echo", "{}")), error_code::unavailable);  // too soon
    world.loop.advance_ms(10'000);
    EXPECT_EQ(output_of(world.call("broken", "echo", "{}")), "{}");
    EXPECT_EQ(subject->status(), load_status::ready);
    ::unsetenv("SLUICE_FIXTURE_LICENCE");
}

TEST(connector_load, gives_the_loaders_own_reason) {
    plugin_world world;
    world.install("undefined_symbol");
    const call_outcome outcome = world.call("broken", "echo", "{}");
    ASSERT_EQ(code_of(outcome), error_code::unavailable);
    EXPECT_THAT(outcome.output_json.error_value().message,
                HasSubstr("undefined symbol: sluice_fixture_symbol_that_nobody_defines"));
}

TEST(connector_load, a_table_that_differs_from_the_descriptor_is_refused) {
    for (const char* name : {"id", "table_action", "descriptor_action", "descriptor_flag",
                             "duplicate_action", "short_struct", "no_table"}) {
        plugin_world world;
        world.install(name);
        EXPECT_EQ(code_of(world.call("broken", "echo", "{}")), error_code::unavailable) << name;
    }
}

TEST(connector_load, calls_that_come_while_it_opens_all_run) {
    plugin_world world;
    world.install("probe");
    const auto subject = world.connectors->find("probe");
    EXPECT_EQ(subject->status(), load_status::not_loaded);
    int done = 0;
    for (int count = 0; count < 50; ++count) {
        call_request request;
        request.action = "echo";
        request.input_json = "{}";
        subject->start(request, [&](call_outcome outcome) { done += outcome.output_json ? 1 : 0; });
    }
    EXPECT_EQ(subject->status(), load_status::loading);
    EXPECT_TRUE(world.run_until([&] { return done == 50; }));
}

}  // namespace sluice::plugin
