// cancel: whatever an execution does at that time, it and what it started end as cancelled.
#include <gtest/gtest.h>

#include "engine/engine_testing.hpp"

namespace sluice::engine {
namespace {

const char* const family = R"(
  child:
    trigger: { call: {} }
    do: [ { r: { run: { workflow: { name: grandchild } } } } ]
  grandchild:
    trigger: { call: {} }
    do: [ { c: { call: app.slow } } ]
)";

TEST(cancelling, ends_a_running_call) {
    engine_world world(flow_text(R"(
      - t: { try: [ { c: { call: app.slow } } ], catch: { do: [ { h: { set: wrong } } ] } }
)"));
    world.calls.hang("app.slow");
    const store::event_id id = world.send("f", "{}");
    world.run(1'000);
    EXPECT_TRUE(world.host->cancel(id));
    world.run();
    EXPECT_EQ(world.result(id), "cancelled");
    EXPECT_EQ(world.calls.cancelled().size(), 1u);
    EXPECT_EQ(world.ends[id].how, end_of_execution::kind::cancelled);
    EXPECT_FALSE(world.host->cancel(id)) << "it is over";
}

TEST(cancelling, ends_a_running_request) {
    engine_world world(flow_text(
        "      - h: { call: http, with: { method: get, endpoint: http://shop.test/ } }\n"));
    world.http.hanging = true;
    const store::event_id id = world.send("f", "{}");
    world.run(1'000);
    world.host->cancel(id);
    world.run();
    EXPECT_EQ(world.result(id), "cancelled");
    EXPECT_EQ(world.http.cancelled.size(), 1u);
}

TEST(cancelling, ends_a_sleeping_execution_also_in_branches_and_frees_its_lane) {
    engine_world world(flow_text(R"(
      - both: { fork: { branches: [ { a: { wait: PT1H } }, { b: { wait: PT2H } } ] } }
)"));
    const store::event_id id = world.send("f", "{}", "lane");
    const store::event_id next = world.send("f", "{}", "lane");
    world.run(1'000);
    world.host->cancel(id);
    world.run(1'000);
    EXPECT_EQ(world.result(id), "cancelled");
    world.host->cancel(next);
    world.run(1'000);
    EXPECT_EQ(world.result(next), "cancelled");
    EXPECT_EQ(world.host->stats().alive, 0u);
}

TEST(cancelling, ends_what_waits_in_the_queue) {
    engine_options one;
    one.limit.running = 1;
    engine_world world(flow_text("      - c: { call: app.slow }\n"), one);
    world.calls.hang("app.slow");
    world.send("f", "{}");
    const store::event_id waits = world.send("f", "{}");
    world.run(100);
    world.host->cancel(waits);
    world.run(100);
    EXPECT_EQ(world.result(waits), "cancelled");
    world.calls.cancel(1);
    world.run();
    EXPECT_EQ(world.calls.count("app.slow"), 1u);
    EXPECT_EQ(world.host->stats().queued, 0u);
    EXPECT_EQ(world.end_counts[waits], 1);
}

TEST(cancelling, ends_what_is_just_being_read_from_the_store) {
    engine_world world(flow_text("      - c: { call: app.slow }\n"));
    world.calls.hang("app.slow");
    const store::event_id id = world.send("f", "{}");
    world.run(100);
    world.crash();
    world.start();  // recover() has begun to load it
    EXPECT_TRUE(world.host->cancel(id));
    world.run();
    EXPECT_EQ(world.result(id), "cancelled");
    EXPECT_EQ(world.calls.count("app.slow"), 1u);
}

TEST(cancelling, ends_children_and_their_children) {
    engine_world world(
        flow_text("      - r: { run: { workflow: { name: child } } }\n", {}, family));
    world.calls.hang("app.slow");
    const store::event_id id = world.send("f", "{}");
    world.run(1'000);
    ASSERT_EQ(world.calls.count("app.slow"), 1u);
    world.host->cancel(id);
    world.run();
    EXPECT_EQ(world.result(id), "cancelled");
    EXPECT_EQ(world.host->stats().cancelled, 3u);
    EXPECT_EQ(world.host->stats().alive, 0u);
}

// At every point of its life, also between the child's start and the record of it.
TEST(cancelling, at_any_turn_leaves_nothing_behind) {
    const std::string manifest = flow_text(R"(
      - w: { wait: PT1S }
      - s: { call: flow.start, with: { flow: child } }
      - r: { run: { workflow: { name: child } } }
)",
                                           {}, family);
    for (int turns = 0; turns < 60; ++turns) {
        engine_world world(manifest);
        world.calls.hang("app.slow");
        const store::event_id id = world.send("f", "{}");
        int made = 0;
        while (made < turns && world.clock.unix_ms() < 1'700'000'005'000 && world.turn())
            ++made;
        world.host->cancel(id);
        world.run(100'000);
        ASSERT_EQ(world.result(id), "cancelled") << "after " << turns << " turns";
        ASSERT_EQ(world.host->stats().alive, 0u) << "after " << turns << " turns";
        ASSERT_EQ(world.end_counts[id], 1);
        if (made < turns) break;
    }
}

TEST(cancelling, of_a_child_is_a_fault_of_its_parent) {
    engine_world world(flow_text(R"(
      - t:
          try: [ { r: { run: { workflow: { name: grandchild } } } } ]
          catch: { do: [ { h: { set: "${ $error.title }" } } ] }
)",
                                 {}, family));
    world.calls.hang("app.slow");
    const store::event_id id = world.send("f", "{}");
    world.run(1'000);
    const auto open = world.store->history({});
    ASSERT_TRUE(open);
    for (const store::execution_summary& one : *open) {
        if (one.flow == "grandchild") world.host->cancel(one.id);
    }
    world.run();
    EXPECT_EQ(world.result(id), R"("Cancelled")");
}

TEST(cancelling, is_not_forgotten_by_a_failing_disk) {
    for (const bool running : {true, false}) {
        engine_options one;
        one.limit.running = 1;
        engine_world world(flow_text("      - c: { call: app.slow }\n"), one);
        world.calls.hang("app.slow");
        const store::event_id first = world.send("f", "{}");
        const store::event_id second = world.send("f", "{}");
        world.run(100);
        const store::event_id id = running ? first : second;
        world.disk_fails = true;
        world.host->cancel(id);
        world.run(100);
        world.disk_fails = false;
        if (!running) world.host->cancel(first);
        if (running) world.host->cancel(second);
        world.run();
        EXPECT_EQ(world.result(first), "cancelled");
        EXPECT_EQ(world.result(second), "cancelled");
        EXPECT_EQ(world.end_counts[id], 1);
        // Who did not run before does not run now; a first call waits for the disk.
        EXPECT_EQ(world.calls.count("app.slow"), 1u);
    }
}

}  // namespace
}  // namespace sluice::engine
