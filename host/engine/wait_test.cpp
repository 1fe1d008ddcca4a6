// wait: how long, and that a restart changes nothing about it.
#include <gtest/gtest.h>

#include "engine/engine_testing.hpp"

namespace sluice::engine {
namespace {

// How long a flow of these tasks takes.
std::int64_t duration_of(const std::string& tasks, const std::string& payload = "{}") {
    engine_world world(flow_text(tasks));
    const store::event_id id = world.send("f", payload);
    world.run();
    EXPECT_EQ(world.result(id), payload);
    const store::execution_summary summary = world.execution(id).summary;
    return summary.ended_ms - summary.accepted_ms;
}

TEST(waits, last_as_long_as_text_objects_and_expressions_say) {
    EXPECT_EQ(duration_of("      - w: { wait: PT1M30S }\n"), 90'000);
    EXPECT_EQ(duration_of("      - w: { wait: { minutes: 1, milliseconds: 5 } }\n"), 60'005);
    EXPECT_EQ(duration_of("      - w: { wait: { seconds: \"${ .n }\" } }\n", R"({"n":7})"), 7'000);
    EXPECT_EQ(duration_of("      - w: { wait: \"${ .d }\" }\n", R"({"d":"PT3S"})"), 3'000);
    EXPECT_EQ(duration_of("      - w: { wait: PT0S }\n"), 0);
}

TEST(waits, refuse_what_is_no_duration) {
    EXPECT_EQ(run_tasks("      - w: { wait: \"${ .d }\" }\n", R"({"d":"soon"})"),
              "! 400 expression at /do/0/w");
}

TEST(waits, end_at_the_time_that_was_fixed_before_the_crash) {
    engine_world world(flow_text(R"(
      - w: { wait: { seconds: "${ 1700000100 - (now | floor) }" } }
)"));
    const std::int64_t begin = world.clock.unix_ms();  // ...000
    const store::event_id id = world.send("f", "{}");
    world.run(10'000);
    EXPECT_EQ(world.execution(id).summary.state, store::event_state::waiting);
    EXPECT_EQ(world.execution(id).summary.due_ms, begin + 100'000);
    world.crash();
    world.clock.advance_ms(30'000);
    world.start();
    world.run();
    EXPECT_EQ(world.result(id), "{}");
    EXPECT_EQ(world.execution(id).summary.ended_ms, begin + 100'000);
    EXPECT_EQ(world.execution(id).steps.size(), 1u);
}

TEST(waits, that_are_over_when_the_host_comes_back_end_at_once) {
    engine_world world(flow_text("      - w: { wait: PT1H }\n"));
    const store::event_id id = world.send("f", "{}");
    world.run(1'000);
    world.crash();
    world.clock.advance_ms(2 * 3'600'000);
    const std::int64_t back = world.clock.unix_ms();
    world.start();
    world.run();
    EXPECT_EQ(world.result(id), "{}");
    EXPECT_EQ(world.execution(id).summary.ended_ms, back);
}

// The first one has to wait for its turn; that is not part of its wait.
TEST(waits, begin_when_the_execution_does_not_when_it_was_accepted) {
    engine_world world(
        flow_text("      - c: { if: .slow, call: app.slow }\n"
                  "      - w: { wait: PT10S }\n"));
    world.calls.hang("app.slow");
    const store::event_id first = world.send("f", R"({"slow":true})", "lane");
    const store::event_id second = world.send("f", R"({"slow":false})", "lane");
    world.run(60'000);
    const std::int64_t freed = world.clock.unix_ms();
    world.calls.cancel(1);
    world.run();
    EXPECT_EQ(world.result(first), "! 500 runtime at /do/0/c");
    EXPECT_EQ(world.execution(second).summary.ended_ms, freed + 10'000);
}

TEST(waits, hold_no_permit) {
    engine_options one;
    one.limit.running = 1;
    engine_world world(flow_text("      - w: { wait: PT10S }\n"), one);
    const std::int64_t begin = world.clock.unix_ms();
    std::vector<store::event_id> all;
    for (int i = 0; i < 50; ++i)
        all.push_back(world.send("f", "{}"));
    world.run();
    for (const store::event_id id : all) {
        EXPECT_EQ(world.result(id), "{}");
        EXPECT_EQ(world.execution(id).summary.ended_ms, begin + 10'000);
    }
}

}  // namespace
}  // namespace sluice::engine
