// fork: order, races, faults and ends in a branch, what branches leave behind.
#include <gtest/gtest.h>

#include <set>

#include "engine/engine_testing.hpp"

namespace sluice::engine {
namespace {

TEST(forks, put_out_their_branches_in_order_of_declaration) {
    EXPECT_EQ(run_tasks(R"(
      - both:
          fork:
            branches:
              - slow: { do: [ { w: { wait: { seconds: 5 } } }, { s: { set: "${ .n + 1 }" } } ] }
              - fast: { set: "${ .n + 2 }" }
)",
                        R"({"n":1})"),
              "[2,3]");
}

TEST(forks, that_compete_put_out_the_winner_and_cancel_the_others) {
    engine_world world(flow_text(R"(
      - race:
          fork:
            compete: true
            branches:
              - call: { call: app.slow }
              - wait: { do: [ { w: { wait: { seconds: 9 } } }, { x: { call: app.never } } ] }
              - win: { do: [ { w2: { wait: { seconds: 2 } } }, { s: { set: won } } ] }
      - after: { set: "${ {first: .} }" }
)"));
    world.calls.hang("app.slow");
    const store::event_id id = world.send("f", "{}");
    const std::int64_t begin = world.clock.unix_ms();
    world.run();
    EXPECT_EQ(world.result(id), R"({"first":"won"})");
    EXPECT_EQ(world.clock.unix_ms() - begin, 2'000);
    EXPECT_EQ(world.calls.cancelled().size(), 1u);
    EXPECT_EQ(world.calls.count("app.never"), 0u);
}

TEST(forks, that_compete_are_won_by_the_first_branch_that_completes) {
    const std::string race = R"(
      - race:
          fork:
            compete: true
            branches:
              - fails: { call: app.down }
              - late: { do: [ { w: { wait: { seconds: 2 } } }, { s: { set: won } } ] }
      - hold: { call: app.hold, output: { as: "${ $input }" } }
)";
    engine_world world(flow_text(race));
    world.calls.on("app.down", {{"", base::error_code::unavailable}});
    const store::event_id id = world.send("f", "{}");
    world.run(1'000);
    world.crash();
    world.start();
    world.run();
    EXPECT_EQ(world.result(id), R"("won")");
    EXPECT_EQ(world.calls.count("app.down"), 1u);
}

TEST(forks, that_compete_fail_with_the_first_fault_when_no_branch_completes) {
    const std::string tasks = R"(
      - race:
          fork:
            compete: true
            branches:
              - late: { do: [ { w: { wait: { seconds: 2 } } }, { x: { raise: { error: { type: "urn:late", status: 400 } } } } ] }
              - soon: { do: [ { v: { wait: { seconds: 1 } } }, { y: { raise: { error: { type: "urn:soon", status: 422 } } } } ] }
)";
    EXPECT_EQ(run_tasks(tasks), "! 422 urn:soon at /do/0/race/fork/branches/1/soon/do/1/y");
}

TEST(forks, fail_with_the_first_fault_and_cancel_the_others) {
    const std::string tasks = R"(
      - guarded:
          try:
            - both:
                fork:
                  branches:
                    - hangs: { call: app.slow }
                    - fails: { do: [ { w: { wait: { seconds: 1 } } }, { x: { raise: { error: { type: "urn:no", status: 422 } } } } ] }
          catch: { do: [ { seen: { set: "${ {status: $error.status, at: $error.instance} }" } } ] }
)";
    engine_world world(flow_text(tasks));
    world.calls.hang("app.slow");
    const store::event_id id = world.send("f", "{}");
    world.run();
    EXPECT_EQ(world.result(id),
              R"({"status":422,"at":"/do/0/guarded/try/0/both/fork/branches/1/fails/do/1/x"})");
    EXPECT_EQ(world.calls.cancelled().size(), 1u);
}

TEST(forks, give_each_branch_the_context_and_merge_what_they_changed_in_order) {
    EXPECT_EQ(run_tasks(R"(
      - start: { set: 1, export: { as: "${ {a: 0, gone: 1, same: 5} }" } }
      - both:
          fork:
            branches:
              - one: { do: [ { w: { wait: { seconds: 3 } } }, { e: { set: 1, export: { as: "${ $context + {x: \"one\", y: 1} }" } } } ] }
              - two: { set: 2, export: { as: "${ ($context + {x: \"two\", a: 7}) | del(.gone) }" } }
      - show: { set: "${ $context }" }
)"),
              R"({"a":7,"same":5,"x":"two","y":1})");
}

TEST(forks, in_which_a_branch_ends_the_flow_end_it_with_its_output) {
    engine_world world(flow_text(R"(
      - both:
          fork:
            branches:
              - hangs: { call: app.slow }
              - ends: { do: [ { w: { wait: { seconds: 1 } } }, { e: { if: "${ . != 1 }", set: enough, then: end } } ] }
      - after: { set: wrong }
)"));
    world.calls.hang("app.slow");
    const store::event_id id = world.send("f", "{}");
    world.run();
    EXPECT_EQ(world.result(id), R"("enough")");
    EXPECT_EQ(world.calls.cancelled().size(), 1u);
}

TEST(forks, that_are_decided_stay_decided_after_a_crash) {
    engine_world world(flow_text(R"(
      - race:
          fork:
            compete: true
            branches:
              - a: { do: [ { w: { wait: { seconds: 2 } } }, { s: { set: a } } ] }
              - b: { do: [ { w2: { wait: { seconds: 1 } } }, { s2: { set: b } } ] }
      - hold: { call: app.hold, output: { as: "${ $input }" } }
)"));
    world.calls.hang("app.hold");
    const store::event_id id = world.send("f", "{}");
    world.run(1'500);
    world.crash();
    world.clock.advance_ms(60'000);
    world.calls.answer_from_now_on("app.hold");
    world.start();
    world.run();
    EXPECT_EQ(world.result(id), R"("b")");
}

// The branches of a fork that failed are not walked again after a restart; what comes after must
// not take their records for its own.
TEST(forks, that_failed_and_are_tried_again_count_their_runs_after_a_crash) {
    engine_world world(flow_text(R"(
      - guarded:
          try:
            - both:
                fork:
                  branches:
                    - x: { call: app.x }
                    - y: { call: app.y }
            - hold: { call: app.hold, output: { as: "${ $input }" } }
          catch: { retry: { delay: { seconds: 1 }, limit: { attempt: { count: 1 } } } }
)"));
    world.calls.on("app.x", {{"1"}, {"2"}});
    world.calls.on("app.y", {{"", base::error_code::unavailable}, {"20"}});
    world.calls.hang("app.hold");
    const store::event_id id = world.send("f", "{}");
    world.run(5'000);
    ASSERT_EQ(world.calls.count("app.hold"), 1u);
    world.crash_at("app.hold");
    EXPECT_EQ(world.result(id), "[2,20]");
    EXPECT_EQ(world.calls.count("app.x"), 2u);
    EXPECT_EQ(world.calls.count("app.y"), 2u);
}

TEST(forks, whose_branches_call_one_function_record_both_calls) {
    engine_world world(flow_text(R"(
      - both:
          fork:
            branches:
              - one: { call: send, with: { n: 1 } }
              - two: { call: send, with: { n: 2 } }
      - hold: { call: app.hold, output: { as: "${ $input }" } }
)",
                                 {}, {},
                                 R"(  functions:
    send: { do: [ { go: { call: app.send, with: { n: "${ .n }" } } } ] }
)"));
    world.calls.on("app.send", {{R"("first")"}, {R"("second")"}});
    world.calls.hang("app.hold");
    const store::event_id id = world.send("f", "{}");
    world.run(1'000);
    world.crash_at("app.hold");
    EXPECT_EQ(world.result(id), R"(["first","second"])");
    EXPECT_EQ(world.calls.count("app.send"), 2u);
    std::set<std::string> keys;
    for (const auto& [name, call] : world.made())
        keys.insert(call.request.idempotency_key);
    EXPECT_EQ(keys.size(), 3u);
}

TEST(forks, sleep_only_when_all_branches_do) {
    engine_options one;
    one.limit.running = 1;
    engine_world world(flow_text(R"(
      - both:
          fork:
            branches:
              - sleeps: { wait: { seconds: 10 } }
              - works: { do: [ { c: { call: app.slow } }, { w: { wait: { seconds: 10 } } } ] }
)"),
                       one);
    world.calls.hang("app.slow");
    world.send("f", "{}");
    world.run(1'000);
    EXPECT_EQ(world.host->stats().running, 1u) << "one branch still works";
    world.calls.cancel(1);
    world.run(1'000);
    EXPECT_EQ(world.host->stats().running, 0u);
}

}  // namespace
}  // namespace sluice::engine
