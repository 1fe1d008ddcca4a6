// A disk that takes nothing for a while: executions start again from what is recorded.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "engine/engine_testing.hpp"

namespace sluice::engine {
namespace {

TEST(failing_disk, loses_nothing_and_keeps_the_order_of_a_lane) {
    engine_world world(flow_text(R"(
      - a: { call: app.a, with: { n: "${ .n }" }, output: { as: "${ $input }" } }
      - w: { wait: PT2S }
      - b: { call: app.b, with: { n: "${ .n }" } }
)"));
    std::vector<store::event_id> all;
    for (int n = 0; n < 4; ++n)
        all.push_back(world.send("f", "{\"n\":" + std::to_string(n) + "}", "lane"));
    world.run(3'000);
    world.disk_fails = true;
    world.run(30'000);
    const std::size_t meanwhile = world.ends.size();
    world.disk_fails = false;
    world.run();
    EXPECT_LT(meanwhile, 4u);
    for (const store::event_id id : all) {
        EXPECT_EQ(world.result(id), "{}");
        EXPECT_EQ(world.end_counts[id], 1);
    }
    int last = 0;
    for (const auto& [name, call] : world.made()) {
        const int n = call.request.input_json[5] - '0';
        EXPECT_GE(n, last) << "the lane went backwards";
        last = n;
    }
}

TEST(failing_disk, at_any_turn_repeats_only_what_was_not_recorded) {
    const std::string manifest = flow_text(R"(
      - a: { call: app.a }
      - both: { fork: { branches: [ { x: { call: app.x } }, { y: { do: [ { w: { wait: PT1S } }, { z: { call: app.z } } ] } } ] } }
      - e: { emit: { event: { with: { type: a } } } }
      - s: { call: state.put, with: { key: k, value: 1 } }
      - shared: { call: state.put, with: { key: k, value: 1, scope: integration } }
      - r: { run: { workflow: { name: child } } }
      - started: { call: flow.start, with: { flow: later } }
      - done: { set: done }
)",
                                           {}, R"(
  child:
    trigger: { call: {} }
    do: [ { c: { call: app.c } } ]
  later:
    trigger: { call: {} }
    do: [ { l: { call: app.later } } ]
  hears:
    trigger: { event: { one: { with: { type: a } } } }
    do: [ { h: { call: app.heard } } ]
)");
    for (const bool briefly : {false, true})
        for (int turns = 0;; ++turns) {
            engine_world world(manifest);
            const store::event_id id = world.send("f", "{}");
            if (!world.turns(turns)) break;
            std::map<std::string, std::size_t> recorded;  // calls, and how often they were made
            const store::execution_detail before = world.execution(id);
            for (const store::step_record& step : before.steps) {
                const std::string function = "app." + step.name;
                if (step.kind == "call") recorded[function] = world.calls.count(function);
            }
            world.disk_fails = true;
            if (briefly) {
                world.turn();
            } else {
                world.run(2'000);
            }
            world.disk_fails = false;
            world.run();
            SCOPED_TRACE("failing after turn " + std::to_string(turns));
            ASSERT_EQ(world.result(id), R"("done")");
            ASSERT_EQ(world.end_counts[id], 1);
            // No step is missing before one that is there.
            ASSERT_EQ(world.execution(id).steps.size(), 10u);
            for (const auto& [function, count] : recorded)
                ASSERT_EQ(world.calls.count(function), count) << function;
            const auto all = world.store->history({});
            ASSERT_TRUE(all);
            for (const char* flow : {"hears", "child", "later"}) {
                const auto ran = std::count_if(all->begin(), all->end(), [flow](const auto& one) {
                    return one.flow == flow && one.state == store::event_state::succeeded;
                });
                ASSERT_EQ(ran, 1) << flow << " is started once";
            }
            ASSERT_EQ(all->size(), 4u);
        }
}

// The end must not be durable when what came before it is not.
TEST(failing_disk, that_refuses_one_write_and_takes_the_next_loses_no_event) {
    const std::string manifest = flow_text(R"(
      - e: { emit: { event: { with: { type: a } } } }
)",
                                           {}, R"(
  hears:
    trigger: { event: { one: { with: { type: a } } } }
    do: [ { h: { set: heard } } ]
)");
    for (int turns = 0;; ++turns) {
        engine_world world(manifest);
        const store::event_id id = world.send("f", "{}");
        if (!world.turns(turns)) break;
        world.disk_fails = true;
        world.turn();
        world.disk_fails = false;
        world.run();
        SCOPED_TRACE("failing at turn " + std::to_string(turns));
        ASSERT_EQ(world.execution(id).steps.size(), 1u);
        const auto all = world.store->history({});
        ASSERT_TRUE(all);
        ASSERT_EQ(all->size(), 2u) << "emitted and heard";
    }
}

TEST(failing_disk, wakes_nobody_who_is_gone) {
    engine_options one;
    one.limit.running = 1;
    engine_world world(flow_text("      - w: { wait: PT1S }\n      - c: { call: app.c }\n"), one);
    const store::event_id sleeper = world.send("f", "{}");
    world.run(200);
    world.calls.hang("app.c");
    const store::event_id busy = world.send("f", "{}");
    world.run(500);
    world.run(1'500);  // one of them calls with the only permit, the other one asks for it
    world.disk_fails = true;
    world.calls.cancel(1);
    world.run(3'000);
    world.disk_fails = false;
    world.calls.answer_from_now_on("app.c");
    for (int i = 0; i < 20; ++i)
        world.calls.cancel(static_cast<call_port::operation>(i));
    world.run();
    EXPECT_EQ(world.end_counts[sleeper], 1);
    EXPECT_EQ(world.end_counts[busy], 1);
    EXPECT_EQ(world.host->stats().alive, 0u);
}

}  // namespace
}  // namespace sluice::engine
