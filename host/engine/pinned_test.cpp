// What the specification leaves open and we have settled, and schemas of tasks.
#include <gtest/gtest.h>

#include "engine/engine_testing.hpp"

namespace sluice::engine {
namespace {

TEST(pinned, the_context_is_null_at_first) {
    EXPECT_EQ(run_tasks("      - a: { set: \"${ [$context, ($context + {x: 1})] }\" }\n"),
              R"([null,{"x":1}])");
}

TEST(pinned, no_result_is_null_and_several_are_a_fault) {
    EXPECT_EQ(run_tasks("      - a: { set: \"${ empty }\" }\n"), "null");
    engine_world world(flow_text("      - a: { set: \"${ 1, 2 }\" }\n"));
    const store::event_id id = world.send("f", "{}");
    world.run();
    EXPECT_EQ(world.result(id), "! 400 expression at /do/0/a");
    EXPECT_NE(world.error(id).string_or("detail", "").find("[ ]"), std::string::npos);
}

TEST(pinned, only_false_and_null_are_false) {
    EXPECT_EQ(run_tasks(R"(
      - zero: { if: "${ 0 }", set: "${ . + [\"zero\"] }" }
      - text: { if: "${ \"\" }", set: "${ . + [\"text\"] }" }
      - none: { if: "${ null }", set: "${ . + [\"null\"] }" }
      - no: { if: "${ false }", set: "${ . + [\"false\"] }" }
)",
                        "[]"),
              R"(["zero","text"])");
}

TEST(pinned, error_types_are_the_same_in_every_family_of_addresses) {
    for (const char* type : {"https://open-workflow-specification.org/spec/1.0.0/errors/validation",
                             "https://serverlessworkflow.io/spec/1.0.0/errors/validation",
                             "https://serverlessworkflow.io/dsl/errors/types/validation"}) {
        const std::string tasks = R"(
      - t:
          try: [ { x: { raise: { error: { type: "https://serverlessworkflow.io/spec/1.0.0/errors/validation", status: 400 } } } } ]
          catch: { errors: { with: { type: ")" +
                                  std::string(type) + R"(" } }, do: [ { s: { set: caught } } ] }
)";
        EXPECT_EQ(run_tasks(tasks), R"("caught")") << type;
    }
}

TEST(pinned, a_fault_in_output_is_one_of_its_task) {
    EXPECT_EQ(run_tasks(R"(
      - t:
          try: [ { x: { set: 1, output: { as: "${ . + {} }" } } } ]
          catch: { do: [ { s: { set: "${ $error.instance }" } } ] }
)"),
              R"("/do/0/t/try/0/x")");
}

TEST(pinned, a_condition_of_a_catch_sees_the_input_of_the_try_and_the_error) {
    EXPECT_EQ(run_tasks(R"(
      - t:
          try: [ { x: { set: other }, }, { y: { raise: { error: { type: "urn:a", status: 409 } } } } ]
          catch:
            as: problem
            when: ${ .n == 1 and $problem.status == 409 and $error.status == 409 }
            do: [ { s: { set: "${ {input: .} }" } } ]
)",
                        R"({"n":1})"),
              R"({"input":{"n":1}})");
}

TEST(pinned, end_inside_a_try_ends_the_flow) {
    EXPECT_EQ(run_tasks(R"(
      - t:
          try: [ { x: { set: over, then: end } } ]
          catch: { do: [ { s: { set: wrong } } ] }
      - after: { set: wrong }
)"),
              R"("over")");
}

TEST(pinned, exit_leaves_its_list_only) {
    EXPECT_EQ(run_tasks(R"(
      - block: { do: [ { a: { if: "${ . != 1 }", set: left, then: exit } }, { b: { set: wrong } } ] }
      - after: { set: "${ {got: .} }" }
)"),
              R"({"got":"left"})");
}

TEST(pinned, a_skipped_task_evaluates_nothing) {
    EXPECT_EQ(run_tasks(R"(
      - a:
          if: ${ false }
          input: { schema: { document: { type: string } }, from: "${ 1 + {} }" }
          set: wrong
          export: { as: "${ 1 }" }
          then: end
      - b: { set: "${ [., $context] }" }
)",
                        "7"),
              "[7,null]");
}

TEST(schemas, of_input_output_and_export_are_validated) {
    const std::string number = "{ document: { type: number } }";
    EXPECT_EQ(run_tasks("      - a: { input: { schema: " + number + " }, set: 1 }\n"),
              "! 400 validation at /do/0/a");
    EXPECT_EQ(run_tasks("      - a: { set: x, output: { schema: " + number + " } }\n"),
              "! 400 validation at /do/0/a");
    EXPECT_EQ(
        run_tasks("      - a: { set: x, export: { as: \"${ . }\", schema: " + number + " } }\n"),
        "! 400 validation at /do/0/a");
    EXPECT_EQ(run_tasks("      - a: { input: { from: .n, schema: { document: { type: object } } }, "
                        "set: \"${ . + 1 }\", output: { as: \"${ . * 2 }\", schema: " +
                            number + " } }\n",
                        R"({"n":1})"),
              "4");
    EXPECT_EQ(
        run_tasks("      - a: { set: x }\n", "{}", "    output: { schema: " + number + " }\n"),
        "! 400 validation at /output/schema");
    EXPECT_EQ(run_tasks("      - a: { set: x }\n", "{}", "    input: { schema: " + number + " }\n"),
              "! 400 validation at /input/schema");
}

// An expression sees the time of the last step, so that it gives the same after a restart.
TEST(time, in_expressions_stands_still_between_steps_and_does_not_move_by_a_crash) {
    engine_world world(flow_text(R"(
      - first: { wait: { seconds: 5 } }
      - early: { if: "${ now < 1700000060 }", call: app.one }
      - hold: { call: app.hold }
      - same: { if: "${ now < 1700000060 }", set: "${ \"yes\" }" }
)"));
    world.calls.hang("app.hold");
    const store::event_id id = world.send("f", "{}");
    world.run(10'000);
    world.crash();
    world.clock.advance_ms(100'000);
    world.calls.answer_from_now_on("app.hold");
    world.start();
    world.run();
    EXPECT_EQ(world.calls.count("app.one"), 1u);
    EXPECT_EQ(world.execution(id).steps[1].path, "/do/1/early");
    EXPECT_EQ(world.result(id), "{}") << "after the hold it is later";
}

}  // namespace
}  // namespace sluice::engine
