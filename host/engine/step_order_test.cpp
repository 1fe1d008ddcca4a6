// What a step did outside is there for good. So no earlier step may run again behind it: it would
// find another world (a download after the file was moved away).
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "engine/engine_testing.hpp"

namespace sluice::engine {
namespace {

// Calls a1 to a4, one after the other; the branches of the fork are both "a3".
const char* const tasks = R"(
      - one: { call: app.a1, output: { as: "${ {n: 1} }" } }
      - between: { set: "${ .n + 1 }" }
      - two: { call: app.a2 }
      - both: { fork: { branches: [ { x: { call: app.a3 } }, { y: { do: [ { w: { wait: PT1S } }, { z: { call: app.a3 } } ] } } ] } }
      - four: { call: app.a4 }
)";

// Whatever harm is done, and after whichever turn.
void expect_in_order(void (*harm)(engine_world&)) {
    int turns = 0;
    for (; !testing::Test::HasFailure(); ++turns) {
        SCOPED_TRACE("after turn " + std::to_string(turns));
        engine_world world(flow_text(tasks));
        const store::event_id id = world.send("f", "{}");
        if (!world.turns(turns)) break;
        harm(world);
        world.run();
        EXPECT_EQ(world.execution(id).summary.state, store::event_state::succeeded);
        std::string order;
        for (const auto& [name, call] : world.made())
            order += name.back();
        EXPECT_TRUE(std::is_sorted(order.begin(), order.end())) << order;
        EXPECT_EQ(order.back(), '4');
    }
    EXPECT_GT(turns, 20);
}

TEST(steps_in_order, none_runs_again_behind_a_later_one_wherever_the_process_dies) {
    expect_in_order([](engine_world& world) {
        world.crash();
        world.start();
    });
}

TEST(steps_in_order, none_runs_again_behind_a_later_one_when_the_disk_takes_nothing) {
    expect_in_order([](engine_world& world) {
        world.disk_fails = true;
        world.run(2'000);
        world.disk_fails = false;
    });
}

}  // namespace
}  // namespace sluice::engine
