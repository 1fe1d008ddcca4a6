// for, fork, switch, try, functions: what they become, and what is said about wrong ones.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "json/text.hpp"
#include "manifest/manifest_testing.hpp"

namespace sluice::manifest {
namespace {

using testing::HasSubstr;

TEST(loops, know_their_variables_inside_and_nowhere_else) {
    const integration made = loaded(integration_with(R"(      - loop:
          for: { each: file, at: number, in: .files }
          while: ${ $number < 3 and $file != null }
          do:
            - x: { set: "${ $file + $number }" }
          output: { as: .x }
)"));
    const task& loop = made.flows[0].tasks[0];
    const auto& body = std::get<for_task>(loop.body);
    EXPECT_EQ(body.item_name, "file");
    EXPECT_EQ(body.index_name, "number");
    EXPECT_TRUE(body.while_holds);
    EXPECT_EQ(body.tasks[0].reference, "/do/0/loop/do/0/x");
    EXPECT_THAT(
        problems_of(integration_with(
            "      - a: { for: { in: . }, do: [ { b: { set: 1 } } ], output: { as: $item } }\n")),
        HasSubstr("unknown variable $item"));
    EXPECT_THAT(problems_of(integration_with(
                    "      - a: { for: { in: $item }, do: [ { b: { set: 1 } } ] }\n")),
                HasSubstr("unknown variable $item"));
}

TEST(loops, take_a_list_that_is_written_out) {
    const integration made =
        loaded(integration_with("      - a: { for: { in: [ { n: 1 }, \"${ .x }\" ] }, do: [ { b: { "
                                "set: \"${ $item }\" } } ] }\n"));
    const auto& body = std::get<for_task>(made.flows[0].tasks[0].body);
    const auto items = body.in.evaluate(*json::parse(R"({"x":2})"), {});
    EXPECT_EQ(json::to_text(*items), R"([{"n":1},2])");
}

TEST(loops, wrong_ones) {
    EXPECT_EQ(problems_of(integration_with("      - a: { for: { in: . } }\n")),
              "22:9: the loop \"a\" has no `do` (its tasks stand in `do` beside `for`)");
    EXPECT_EQ(problems_of(integration_with("      - a: { for: {}, do: [ { b: { set: 1 } } ] }\n")),
              "22:19: for needs `in` (an expression that gives a list: in: ${ .items })");
    EXPECT_EQ(problems_of(integration_with(
                  "      - a: { for: { in: ., each: $x }, do: [ { b: { set: 1 } } ] }\n")),
              "22:34: \"$x\" is not a name for a variable (use letters, digits and _, without $)");
    EXPECT_EQ(problems_of(integration_with(
                  "      - a: { for: { in: ., each: input }, do: [ { b: { set: 1 } } ] }\n")),
              "22:34: $input already means something else (choose another name)");
    EXPECT_EQ(problems_of(integration_with(
                  "      - a: { for: { in: ., each: x, at: x }, do: [ { b: { set: 1 } } ] }\n")),
              "22:19: `each` and `at` of a loop are two variables (give them two names)");
    EXPECT_EQ(problems_of(integration_with("      - a: { set: 1, while: . }\n")),
              "22:22: only a for has `while`");
}

TEST(forks, have_branches_with_true_pointers_and_nobody_to_jump_to) {
    const integration made = loaded(integration_with(R"(      - f:
          fork:
            compete: true
            branches:
              - a: { set: 1 }
              - b: { do: [ { c: { wait: PT1S } } ] }
)"));
    const auto& body = std::get<fork_task>(made.flows[0].tasks[0].body);
    EXPECT_TRUE(body.compete);
    EXPECT_EQ(body.branches[1].reference, "/do/0/f/fork/branches/1/b");
    EXPECT_EQ(std::get<do_task>(body.branches[1].body).tasks[0].reference,
              "/do/0/f/fork/branches/1/b/do/0/c");
    EXPECT_THAT(problems_of(integration_with("      - f: { fork: { branches: [ { a: { set: 1, "
                                             "then: b } }, { b: { set: 1 } } ] } }\n")),
                HasSubstr("\"b\" is in another list of tasks"));
    EXPECT_EQ(problems_of(integration_with("      - f: { fork: { branch: [] } }\n")),
              "22:22: fork has no \"branch\" (did you mean \"branches\"?)");
}

TEST(switches, need_then_in_each_case) {
    EXPECT_EQ(
        problems_of(integration_with("      - a: { switch: [ { x: { when: .a } } ] }\n")),
        "22:26: the case \"x\" needs `then` (the name of a task of this list, continue, exit or "
        "end)");
}

TEST(functions_of_use, are_tasks_that_calls_share) {
    const std::string uses = R"(manifest: "1"
integration: { namespace: acme, name: x, version: 1.0.0 }
use:
  functions:
    double: { set: { n: "${ .n * 2 }" } }
    twice: { do: [ { one: { call: double }, }, { two: { call: double, with: { n: "${ .n }" } } } ] }
flows:
  main:
    trigger: { call: {} }
    do:
      - a: { call: twice, with: { n: "${ .count }" } }
)";
    const integration made = loaded(uses);
    const auto& call = std::get<function_task>(made.flows[0].tasks[0].body);
    EXPECT_EQ(call.function, "twice");
    ASSERT_TRUE(call.body);
    EXPECT_EQ(call.body->reference, "/use/functions/twice");
    const auto& inner = std::get<do_task>(call.body->body);
    EXPECT_EQ(inner.tasks[0].reference, "/use/functions/twice/do/0/one");
    const auto& one = std::get<function_task>(inner.tasks[0].body);
    const auto& two = std::get<function_task>(inner.tasks[1].body);
    EXPECT_EQ(one.body, two.body);
    EXPECT_TRUE(one.with.is_literal() && one.with.literal_value().is_null());
}

TEST(functions_of_use, cannot_call_themselves_and_wrong_ones_are_named) {
    const auto with = [](const std::string& functions) {
        return problems_of(R"(manifest: "1"
integration: { namespace: acme, name: x, version: 1.0.0 }
use:
  functions:
)" + functions + "flows: { main: { trigger: { call: {} }, do: [ { z: { call: f } } ] } }\n");
    };
    EXPECT_EQ(with("    f: { do: [ { a: { call: g } } ] }\n    g: { call: f }\n"),
              "6:16: the function \"f\" calls itself (use a loop: for, or then)");
    EXPECT_EQ(with("    http: { set: 1 }\n    f: { set: 1 }\n"),
              "5:5: \"http\" is built in already");
    EXPECT_EQ(with("    f: { st: 1 }\n"), "5:10: a task has no \"st\" (did you mean \"set\"?)");
    EXPECT_EQ(with("    ff: { set: 1 }\n"), "6:60: \"f\" is not a function (did you mean \"ff\"?)");
}

}  // namespace
}  // namespace sluice::manifest
