// for: rounds, their variables, their end, and records that stay few.
#include <gtest/gtest.h>

#include "engine/engine_testing.hpp"

namespace sluice::engine {
namespace {

TEST(loops, hand_the_output_of_a_round_to_the_next) {
    EXPECT_EQ(run_tasks(R"(
      - sum:
          for: { each: n, at: i, in: "${ .list }" }
          do: [ { add: { set: "${ {list: .list, total: ((.total // 0) + $n * $i)} }" } } ]
          output: { as: .total }
)",
                        R"({"list":[5,6,7]})"),
              "20");
}

TEST(loops, without_items_put_their_input_out) {
    EXPECT_EQ(run_tasks(R"(
      - none: { for: { in: "${ [] }" }, do: [ { x: { set: wrong } } ] }
)",
                        R"({"kept":1})"),
              R"({"kept":1})");
}

TEST(loops, ask_while_before_each_round) {
    EXPECT_EQ(run_tasks(R"(
      - some:
          for: { in: "${ [range(10)] }" }
          while: ${ .n < 3 }
          do: [ { add: { set: "${ {n: (.n + 1)} }" } } ]
)",
                        R"({"n":0})"),
              R"({"n":3})");
}

TEST(loops, export_to_the_context_in_every_round) {
    EXPECT_EQ(run_tasks(R"(
      - each:
          for: { in: "${ [1, 2, 3] }" }
          do: [ { keep: { set: "${ $item }", export: { as: "${ ($context // []) + [.] }" } } } ]
      - show: { set: "${ $context }" }
)"),
              "[1,2,3]");
}

TEST(loops, inside_loops_keep_their_variables_apart) {
    EXPECT_EQ(run_tasks(R"(
      - outer:
          for: { each: a, in: "${ [1, 2] }" }
          do:
            - inner:
                for: { each: b, in: "${ [10, 20] }" }
                do:
                  - keep: { set: "${ $a + $b }", export: { as: "${ ($context // []) + [.] }" } }
      - show: { set: "${ $context }" }
)"),
              "[11,21,12,22]");
}

TEST(loops, end_of_the_flow_and_exit_of_a_round) {
    EXPECT_EQ(run_tasks(R"(
      - each:
          for: { in: "${ [1, 2, 3] }" }
          do:
            - two: { if: "${ $item == 2 }", set: "${ \"ended\" }", then: end }
            - other: { set: "${ $item }" }
      - after: { set: wrong }
)"),
              R"("ended")");
    EXPECT_EQ(run_tasks(R"(
      - each:
          for: { in: "${ [1, 2, 3] }" }
          do:
            - three: { if: "${ $item == 3 }", set: left, then: exit }
            - other: { set: "${ $item }" }
      - after: { set: "${ {got: .} }" }
)"),
              R"({"got":"left"})");
}

TEST(loops, over_something_else_than_a_list_fault) {
    EXPECT_EQ(run_tasks("      - a: { for: { in: \"${ 5 }\" }, do: [ { b: { set: 1 } } ] }\n"),
              "! 400 expression at /do/0/a");
}

TEST(loops, name_the_place_of_a_fault_without_the_round) {
    EXPECT_EQ(run_tasks(R"(
      - loop:
          for: { in: "${ [1] }" }
          do: [ { t: { try: [ { x: { set: "${ 1 + {} }" } } ], catch: { when: "${ false }" } } } ]
)"),
              "! 400 expression at /do/0/loop/do/0/t/try/0/x");
}

engine_options chunks_of(std::int64_t size) {
    engine_options options;
    options.of_each.loop_chunk = size;
    return options;
}

TEST(loops, of_many_rounds_leave_few_records_and_go_on_behind_them) {
    engine_world world(flow_text(R"(
      - each:
          for: { in: "${ [range(95)] }" }
          do: [ { add: { set: "${ {n: (.n + 1)} }" } } ]
      - hold: { call: app.hold, output: { as: "${ $input }" } }
)"),
                       chunks_of(10));
    world.calls.hang("app.hold");
    const store::event_id id = world.send("f", R"({"n":0})");
    world.run(1'000);
    EXPECT_EQ(world.execution(id).steps.size(), 2u) << "the loop, and the call that has begun";
    world.crash_at("app.hold");
    EXPECT_EQ(world.result(id), R"({"n":95})");
}

TEST(loops, of_few_rounds_with_many_steps_leave_few_records) {
    engine_world world(flow_text(R"(
      - outer:
          for: { each: a, in: "${ [range(8)] }" }
          do:
            - inner:
                for: { each: b, in: "${ [range(8)] }" }
                do: [ { add: { set: "${ {n: (.n + 1)} }" } } ]
)"),
                       chunks_of(10));
    const store::event_id id = world.send("f", R"({"n":0})");
    world.run();
    EXPECT_EQ(world.result(id), R"({"n":64})");
    EXPECT_EQ(world.execution(id).steps.size(), 1u);
}

TEST(loops, over_a_hundred_thousand_items_keep_the_journal_short) {
    engine_options options;
    options.of_each.largest_journal = 4u << 20;  // less than all rounds together
    engine_world world(flow_text(R"(
      - each:
          for: { in: "${ [range(100000)] }" }
          do: [ { add: { set: "${ {n: (.n + 1)} }" } } ]
)"),
                       options);
    const store::event_id id = world.send("f", R"({"n":0})");
    std::size_t most = 0;
    for (int turns = 0; world.turn(); ++turns) {
        if (turns % 100 == 0) most = std::max(most, world.execution(id).steps.size());
    }
    EXPECT_EQ(world.result(id), R"({"n":100000})");
    EXPECT_GT(most, 0u);
    EXPECT_LE(most, 2'000u);
}

}  // namespace
}  // namespace sluice::engine
