// Timeouts of tasks, blocks and flows: who sees them, and that a late restart invents none.
#include <gtest/gtest.h>

#include "engine/engine_testing.hpp"

namespace sluice::engine {
namespace {

TEST(timeouts, end_calls_waits_and_blocks) {
    engine_world world(flow_text(R"(
      - a: { call: app.slow, timeout: { after: { seconds: 5 } } }
)"));
    world.calls.hang("app.slow");
    const store::event_id id = world.send("f", "{}");
    world.run();
    EXPECT_EQ(world.result(id), "! 408 timeout at /do/0/a");
    EXPECT_EQ(run_tasks("      - a: { wait: PT1H, timeout: { after: { seconds: 5 } } }\n"),
              "! 408 timeout at /do/0/a");
    EXPECT_EQ(run_tasks("      - a: { timeout: { after: { seconds: 5 } }, do: [ { b: { wait: PT3S "
                        "} }, { c: { wait: PT3S } } ] }\n"),
              "! 408 timeout at /do/0/a");
    EXPECT_EQ(run_tasks("      - a: { wait: PT3S, timeout: { after: { seconds: 5 } } }\n"), "{}");
}

TEST(timeouts, are_caught_outside_of_what_they_end_and_not_inside) {
    EXPECT_EQ(run_tasks(R"(
      - outside:
          try:
            - block:
                timeout: { after: { seconds: 5 } }
                do:
                  - inside:
                      try: [ { w: { wait: PT1H } } ]
                      catch: { do: [ { h: { set: wrong } } ] }
          catch:
            errors: { with: { type: https://serverlessworkflow.io/spec/1.0.0/errors/timeout } }
            do: [ { seen: { set: "${ {status: $error.status, at: $error.instance} }" } } ]
)"),
              R"({"status":408,"at":"/do/0/outside/try/0/block"})");
}

TEST(timeouts, of_a_flow_end_it) {
    EXPECT_EQ(run_tasks("      - t: { try: [ { w: { wait: PT1H } } ], catch: { do: [ { h: { set: 1 "
                        "} } ] } }\n",
                        "{}", "    timeout: { after: { minutes: 1 } }\n"),
              "! 408 timeout at /timeout");
}

TEST(timeouts, end_the_branches_of_a_fork) {
    EXPECT_EQ(run_tasks(R"(
      - both:
          timeout: { after: { seconds: 5 } }
          fork: { branches: [ { a: { wait: PT1H } }, { b: { wait: PT2H } } ] }
)"),
              "! 408 timeout at /do/0/both");
}

TEST(timeouts, do_not_begin_another_step) {
    engine_world world(flow_text(R"(
      - block:
          timeout: { after: { seconds: 5 } }
          do: [ { a: { wait: PT5S } }, { b: { call: app.b } } ]
)"));
    const store::event_id id = world.send("f", "{}");
    world.run();
    EXPECT_EQ(world.result(id), "! 408 timeout at /do/0/block");
    EXPECT_EQ(world.calls.count("app.b"), 0u);
}

TEST(timeouts, that_were_kept_are_not_broken_by_a_late_restart) {
    engine_world world(flow_text(R"(
      - t:
          try:
            - block:
                timeout: { after: { seconds: 10 } }
                do:
                  - one: { call: app.one }
                  - two:
                      try: [ { fails: { call: app.fails } } ]
                      catch: { do: [ { h: { set: handled } } ] }
          catch: { do: [ { wrong: { set: wrong } } ] }
      - hold: { call: app.hold, output: { as: "${ $input }" } }
)"));
    world.calls.on("app.fails", {{"", base::error_code::unavailable}});
    world.calls.hang("app.hold");
    const store::event_id id = world.send("f", "{}");
    world.run(1'000);
    world.crash();
    world.clock.advance_ms(3'600'000);
    world.calls.answer_from_now_on("app.hold");
    world.start();
    world.run();
    EXPECT_EQ(world.result(id), R"("handled")");
    EXPECT_EQ(world.calls.count("app.one"), 1u);
    EXPECT_EQ(world.calls.count("app.fails"), 1u);
}

TEST(timeouts, that_happened_happened_also_after_a_late_restart) {
    engine_world world(flow_text(R"(
      - outer:
          timeout: { after: { minutes: 1 } }
          do:
            - t:
                try: [ { block: { timeout: { after: { seconds: 5 } }, do: [ { w: { wait: PT1H } } ] } } ]
                catch: { do: [ { h: { call: app.handler } } ] }
      - hold: { call: app.hold }
)"));
    world.calls.hang("app.hold");
    const store::event_id id = world.send("f", "{}");
    world.run(10'000);
    ASSERT_EQ(world.calls.count("app.hold"), 1u);
    world.crash();
    world.clock.advance_ms(3'600'000);
    world.calls.answer_from_now_on("app.hold");
    world.start();
    world.run();
    EXPECT_EQ(world.result(id), "{}");
    EXPECT_EQ(world.calls.count("app.handler"), 1u);
}

TEST(timeouts, leave_the_keys_of_later_steps_as_they_are) {
    engine_world world(flow_text(R"(
      - again:
          timeout: { after: { seconds: 5 } }
          try: [ { late: { do: [ { w: { wait: PT5S } }, { c: { call: app.c, with: { n: "${ .n }" } } } ] } } ]
          catch: { when: "${ false }" }
)"));
    const store::event_id id = world.send("f", R"({"n":1})");
    world.run();
    EXPECT_EQ(world.result(id), "! 408 timeout at /do/0/again");
}

TEST(deadlines, of_an_execution_end_it_whatever_it_catches) {
    engine_world world(flow_text(R"(
      - t: { try: [ { w: { wait: PT1H } } ], catch: { do: [ { h: { set: wrong } } ] } }
)"));
    const std::int64_t begin = world.clock.unix_ms();
    const store::event_id id = world.send("f", "{}", {}, begin + 30'000);
    world.run();
    EXPECT_EQ(world.execution(id).summary.ended_ms, begin + 30'000);
    EXPECT_EQ(world.result(id), "! 408 timeout at /do/0/t/try/0/w");
}

TEST(deadlines, hold_after_a_restart_too) {
    engine_world world(flow_text("      - w: { wait: PT1H }\n"));
    const store::event_id id = world.send("f", "{}", {}, world.clock.unix_ms() + 30'000);
    world.run(1'000);
    world.crash();
    world.clock.advance_ms(60'000);
    world.start();
    world.run();
    EXPECT_EQ(world.result(id), "! 408 timeout at /do/0/w");
}

}  // namespace
}  // namespace sluice::engine
