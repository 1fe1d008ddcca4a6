// state.*: scopes, and compareAndSet when several want the same.
#include <gtest/gtest.h>

#include "engine/engine_testing.hpp"

namespace sluice::engine {
namespace {

TEST(state, is_apart_for_flow_instance_and_integration) {
    engine_world world(flow_text(R"(
      - a: { call: state.put, with: { key: k, value: 1 } }
      - b: { call: state.put, with: { key: k, value: 2, scope: instance } }
      - c: { call: state.put, with: { key: k, value: 3, scope: integration } }
      - r: { run: { workflow: { name: other } } }
)",
                                 {}, R"(
  other:
    trigger: { call: {} }
    do:
      - a: { call: state.get, with: { key: k } }
      - b: { call: state.get, with: { key: k, scope: instance } }
      - c: { call: state.get, with: { key: k, scope: integration } }
      - all: { set: "${ [$steps.a, $steps.b, $steps.c] }" }
)"));
    const store::event_id id = world.send("f", "{}");
    world.run();
    EXPECT_EQ(world.result(id), "[null,2,3]");
}

TEST(state, values_can_be_replaced_and_deleted) {
    EXPECT_EQ(run_tasks(R"(
      - a: { call: state.put, with: { key: k, value: { n: 1 } } }
      - b: { call: state.put, with: { key: k, value: { n: 2 } } }
      - c: { call: state.get, with: { key: k } }
      - d: { call: state.delete, with: { key: k } }
      - e: { call: state.get, with: { key: k } }
      - all: { set: "${ [$steps.c, $steps.e] }" }
)"),
              R"([{"n":2},null])");
}

TEST(state, compare_and_set_changes_only_what_is_as_expected) {
    EXPECT_EQ(run_tasks(R"(
      - a: { call: state.compareAndSet, with: { key: k, expected: null, value: 1 } }
      - b: { call: state.compareAndSet, with: { key: k, expected: null, value: 2 } }
      - c: { call: state.compareAndSet, with: { key: k, expected: 1, value: 3 } }
      - all: { set: "${ [$steps.a, $steps.b, $steps.c] }" }
)"),
              R"([{"swapped":true,"value":1},{"swapped":false,"value":1},)"
              R"({"swapped":true,"value":3}])");
}

TEST(state, compare_and_set_has_one_winner_of_many) {
    for (const char* scope : {"flow", "instance", "integration"}) {
        engine_world world(flow_text(R"(
      - a: { call: state.compareAndSet, with: { key: k, expected: null, value: "${ .n }", scope: )" +
                                     std::string(scope) + " } }\n"));
        std::vector<store::event_id> all;
        for (int n = 0; n < 20; ++n)
            all.push_back(world.send("f", "{\"n\":" + std::to_string(n) + "}"));
        world.run();
        int winners = 0;
        for (const store::event_id id : all)
            winners += world.output(id).bool_or("swapped", false) ? 1 : 0;
        EXPECT_EQ(winners, 1) << scope;
    }
}

TEST(state, counts_of_branches_at_the_same_time_are_all_kept) {
    std::string branches;
    for (int i = 0; i < 5; ++i) {
        const std::string n = std::to_string(i);
        branches +=
            "              - b" + n + R"(:
                  do:
                    - call)" +
            n + ": { call: app.c, with: { n: " + n + R"( } }
                    - get)" +
            n + R"(: { call: state.get, with: { key: k } }
                    - swap)" +
            n +
            R"(: { call: state.compareAndSet, with: { key: k, expected: "${ . }", value: "${ (. // 0) + 1 }" } }
                    - again)" +
            n + R"(: { if: "${ .swapped | not }", set: 1, then: get)" + n + " }\n";
    }
    engine_world world(flow_text("      - all:\n          fork:\n            branches:\n" +
                                 branches +
                                 R"(
      - hold: { call: app.hold }
      - get: { call: state.get, with: { key: k } }
)"));
    world.calls.hang("app.hold");
    const store::event_id id = world.send("f", "{}");
    world.run(5'000);
    ASSERT_EQ(world.calls.count("app.hold"), 1u);
    world.crash_at("app.hold");
    EXPECT_EQ(world.result(id), "5");
    EXPECT_EQ(world.calls.count("app.c"), 5u);
    int looked = 0;
    int swapped = 0;
    const store::execution_detail kept = world.execution(id);
    for (const store::step_record& step : kept.steps) {
        looked += step.name.size() == 4 && step.name.starts_with("get") ? 1 : 0;
        swapped += step.name.starts_with("swap") ? 1 : 0;
    }
    EXPECT_EQ(looked, swapped) << "a refused swap took the record of a look with it";
}

TEST(state, a_swap_that_is_refused_takes_no_record_of_a_neighbour_with_it) {
    engine_world world(flow_text(R"(
      - all:
          fork:
            branches:
              - a: { call: state.compareAndSet, with: { key: k, expected: null, value: 1 } }
              - c: { call: app.c }
              - b: { call: state.compareAndSet, with: { key: k, expected: null, value: 2 } }
      - hold: { call: app.hold }
)"));
    world.calls.hang("app.hold");
    world.send("f", "{}");
    world.run(1'000);
    ASSERT_EQ(world.calls.count("app.hold"), 1u);
    world.crash();
    world.start();
    world.run(1'000);
    EXPECT_EQ(world.calls.count("app.hold"), 2u);
    EXPECT_EQ(world.calls.count("app.c"), 1u);
}

TEST(state, a_swap_is_told_as_made_whenever_the_process_dies) {
    for (const char* scope : {"flow", "integration"}) {
        for (int turns = 0;; ++turns) {
            engine_world world(flow_text(
                "      - a: { call: state.compareAndSet, with: { key: k, expected: null, value: 1, "
                "scope: " +
                std::string(scope) + " } }\n"));
            const store::event_id id = world.send("f", "{}");
            if (!world.turns(turns)) break;
            world.crash();
            world.start();
            world.run();
            ASSERT_EQ(world.result(id), R"({"swapped":true,"value":1})")
                << scope << ", dead after turn " << turns;
        }
    }
}

TEST(state, refuses_keys_and_scopes_it_does_not_know) {
    EXPECT_EQ(run_tasks("      - a: { call: state.get, with: { key: \"${ \\\"\\\" }\" } }\n"),
              "! 400 validation at /do/0/a");
    EXPECT_EQ(run_tasks("      - a: { call: state.get, with: { key: k, scope: \"${ .s }\" } }\n",
                        R"({"s":"world"})"),
              "! 400 validation at /do/0/a");
}

}  // namespace
}  // namespace sluice::engine
