// run: workflow and flow.start.
#include <gtest/gtest.h>

#include <set>

#include "engine/engine_testing.hpp"

namespace sluice::engine {
namespace {

const char* const child = R"(
  child:
    trigger: { call: {} }
    do:
      - c: { call: app.child, with: { n: "${ .n }" } }
)";

std::string calling(const std::string& tasks) { return flow_text(tasks, {}, child); }

const char* const awaits = R"(
      - r: { run: { workflow: { name: child, input: { n: "${ .n + 1 }" } } } }
      - after: { set: "${ {child: .} }" }
)";

TEST(workflows, run_a_flow_and_take_its_output) {
    engine_world world(calling(awaits));
    world.calls.on("app.child", {{R"({"ok":1})"}});
    const store::event_id id = world.send("f", R"({"n":4})");
    world.run();
    EXPECT_EQ(world.result(id), R"({"child":{"ok":1}})");
    EXPECT_EQ(world.made()[0].second.request.input_json, R"({"n":5})");
}

TEST(workflows, fail_with_what_their_flow_failed_with_at_their_own_place) {
    engine_world world(calling(awaits));
    world.calls.on("app.child", {{"", base::error_code::not_found}});
    const store::event_id id = world.send("f", R"({"n":4})");
    world.run();
    EXPECT_EQ(world.result(id), "! 404 communication at /do/0/r");
}

TEST(workflows, that_nobody_waits_for_pass_the_input_on) {
    engine_world world(calling(R"(
      - r: { run: { workflow: { name: child }, await: false } }
      - after: { set: "${ {in: .} }" }
)"));
    world.calls.hang("app.child");
    const store::event_id id = world.send("f", R"({"n":4})");
    world.run(1'000);
    EXPECT_EQ(world.result(id), R"({"in":{"n":4}})");
    EXPECT_EQ(world.calls.count("app.child"), 1u);
}

TEST(workflows, wait_for_the_same_flow_after_a_crash_however_late) {
    engine_world world(calling(awaits));
    world.calls.hang("app.child");
    const store::event_id id = world.send("f", R"({"n":4})");
    world.run(1'000);
    for (int days = 0; days < 2; ++days) {
        world.crash();
        world.clock.advance_ms(5ll * 24 * 3'600'000);  // longer than double starts are known
        world.start();
        world.run(1'000);
    }
    world.crash_at("app.child");
    EXPECT_EQ(world.result(id), R"({"child":{}})");
    EXPECT_EQ(world.ends.size(), 2u) << "one parent, one child";
    std::set<std::string> keys;
    for (const auto& [name, call] : world.made())
        keys.insert(call.request.idempotency_key);
    EXPECT_EQ(keys.size(), 1u);
}

TEST(workflows, notice_at_once_what_ended_around_a_crash) {
    engine_world world(calling(R"(
      - r: { run: { workflow: { name: child } }, timeout: { after: { hours: 1 } } }
)"));
    world.calls.hang("app.child");
    const std::int64_t begin = world.clock.unix_ms();
    const store::event_id id = world.send("f", R"({"n":4})");
    world.run(1'000);
    world.crash_at("app.child");
    EXPECT_EQ(world.result(id), "{}");
    EXPECT_LT(world.execution(id).summary.ended_ms, begin + 60'000);
}

// A flow that keeps nothing but metadata keeps its output until its caller has it.
TEST(workflows, give_their_output_once_and_only_to_their_caller_whenever_the_process_dies) {
    const std::string manifest = flow_text(R"(
      - r: { run: { workflow: { name: brief } } }
      - after: { set: "${ {child: .} }" }
)",
                                           {}, R"(
  brief:
    trigger: { call: {} }
    record: metadata
    do: [ { c: { call: app.child } } ]
)");
    for (int turns = 0;; ++turns) {
        engine_world world(manifest);
        world.calls.on("app.child", {{R"({"ok":1})"}});
        const store::event_id id = world.send("f", "{}");
        if (!world.turns(turns)) break;
        world.crash();
        world.start();
        world.run();
        SCOPED_TRACE("dead after turn " + std::to_string(turns));
        ASSERT_EQ(world.result(id), R"({"child":{"ok":1}})");
        const auto all = world.store->history({});
        ASSERT_TRUE(all);
        ASSERT_EQ(all->size(), 2u) << "one parent, one child";
        const store::execution_detail its = world.execution(all->front().id);
        ASSERT_EQ(its.summary.flow, "brief");
        ASSERT_EQ(its.payload_json + its.output_json, "");
        for (const store::step_record& step : its.steps)
            ASSERT_EQ(step.input_json + step.output_json, "");
    }
}

TEST(workflows, that_take_too_long_are_cancelled) {
    engine_world world(calling(R"(
      - r: { run: { workflow: { name: child } }, timeout: { after: { seconds: 5 } } }
)"));
    world.calls.hang("app.child");
    const store::event_id id = world.send("f", R"({"n":4})");
    world.run();
    EXPECT_EQ(world.result(id), "! 408 timeout at /do/0/r");
    EXPECT_EQ(world.host->stats().cancelled, 1u);
    EXPECT_EQ(world.calls.cancelled().size(), 1u);
}

TEST(workflows, inside_workflows_inside_a_loop_start_each_once) {
    engine_world world(flow_text(R"(
      - each:
          for: { in: "${ [1, 2] }" }
          do: [ { r: { run: { workflow: { name: middle, input: { n: "${ $item }" } } } } } ]
)",
                                 {}, std::string(child) + R"(
  middle:
    trigger: { call: {} }
    do: [ { r: { run: { workflow: { name: child, input: { n: "${ .n * 10 }" } } } } } ]
)"));
    const store::event_id id = world.send("f", "{}");
    world.run();
    EXPECT_EQ(world.result(id), "{}");
    ASSERT_EQ(world.made().size(), 2u);
    EXPECT_EQ(world.made()[1].second.request.input_json, R"({"n":20})");
}

TEST(flow_start, starts_once_and_keeps_order_per_key) {
    engine_world world(calling(R"(
      - a: { call: flow.start, with: { flow: child, input: { n: 1 }, key: k } }
      - b: { call: flow.start, with: { flow: child, input: { n: 2 }, key: k } }
      - c: { call: flow.start, with: { flow: child, input: { n: 3 }, key: other } }
      - hold: { call: app.hold }
)"));
    world.calls.hang("app.child");
    world.calls.hang("app.hold");
    world.send("f", "{}");
    world.run(1'000);
    EXPECT_EQ(world.calls.count("app.child"), 2u) << "2 waits behind 1";
    world.crash();
    world.calls.answer_from_now_on("app.child");
    world.start();
    world.run(10'000);
    std::string order;
    for (const auto& [name, call] : world.made()) {
        if (name == "app.child") order += call.request.input_json;
    }
    EXPECT_EQ(order, R"({"n":1}{"n":3}{"n":1}{"n":3}{"n":2})");
}

}  // namespace
}  // namespace sluice::engine
