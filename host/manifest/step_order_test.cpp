// Tasks that nothing leads to, and $steps that cannot be there yet.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

#include "manifest/manifest_testing.hpp"

namespace sluice::manifest {
namespace {

struct ways {
    const char* name;
    const char* tasks;
    const char* problems;  // messages without hints' content: "" when all is well
};
void PrintTo(const ways& of, std::ostream* out) { *out << of.name; }

// "line:column: message", without hints.
std::string short_problems(const std::string& text) {
    std::string all;
    for (const base::error& each : parse_integration(text, "m.yaml").problems) {
        all += (all.empty() ? "" : "\n") + std::to_string(each.where->line) + ": " + each.message;
    }
    return all;
}

class task_ways : public testing::TestWithParam<ways> {};

TEST_P(task_ways, are_followed) {
    EXPECT_EQ(short_problems(integration_with(GetParam().tasks)), GetParam().problems);
}

INSTANTIATE_TEST_SUITE_P(
    unreachable, task_ways,
    testing::Values(
        ways{"after end",
             "      - a: { set: 1, then: end }\n      - b: { set: 1 }\n      - c: { set: 1 }\n",
             "23: nothing leads to the task \"b\""},
        ways{"after exit", "      - a: { set: 1, then: exit }\n      - b: { set: 1 }\n",
             "23: nothing leads to the task \"b\""},
        ways{"after a condition",
             "      - a: { if: .x, set: 1, then: end }\n      - b: { set: 1 }\n", ""},
        ways{"after a condition that always holds",
             "      - a: { if: true, set: 1, then: end }\n      - b: { set: 1 }\n",
             "23: nothing leads to the task \"b\""},
        ways{"after raise", "      - a: { raise: { error: badEvent } }\n      - b: { set: 1 }\n",
             "23: nothing leads to the task \"b\""},
        ways{"jumped over",
             "      - a: { set: 1, then: c }\n      - b: { set: 1 }\n      - c: { set: 1 }\n",
             "23: nothing leads to the task \"b\""},
        ways{"backwards",
             "      - a: { set: 1, then: c }\n      - b: { set: 1, then: end }\n      - c: { set: "
             "1, then: b }\n",
             ""},
        ways{"switch with default",
             "      - a: { switch: [ { x: { when: .x, then: c } }, { y: { then: end } } ] }\n      "
             "- b: { set: 1 }\n      - c: { set: 1 }\n",
             "23: nothing leads to the task \"b\""},
        ways{"switch without default",
             "      - a: { switch: [ { x: { when: .x, then: c } } ] }\n      - b: { set: 1 }\n     "
             " - c: { set: 1 }\n",
             ""},
        ways{"after a do that ends",
             "      - a: { do: [ { b: { set: 1, then: end } } ] }\n      - c: { set: 1 }\n",
             "23: nothing leads to the task \"c\""},
        ways{"after a loop, which may have no rounds",
             "      - a: { for: { in: . }, do: [ { b: { set: 1, then: end } } ] }\n      - c: { "
             "set: 1 }\n",
             ""},
        ways{"inside a branch",
             "      - a: { fork: { branches: [ { b: { do: [ { c: { set: 1, then: exit } }, { d: { "
             "set: 1 } } ] } }, { e: { set: 1 } } ] } }\n",
             "22: nothing leads to the task \"d\""},
        ways{"after a try that raises and is caught",
             "      - a: { try: [ { b: { raise: { error: badEvent } } } ], catch: {} }\n      - c: "
             "{ set: 1 }\n",
             ""},
        ways{"after a try that always leaves",
             "      - a: { try: [ { b: { raise: { error: badEvent } } } ], catch: { then: end } "
             "}\n      - c: { set: 1 }\n",
             "23: nothing leads to the task \"c\""}));

INSTANTIATE_TEST_SUITE_P(
    steps, task_ways,
    testing::Values(
        ways{"before", "      - a: { set: 1 }\n      - b: { set: $steps.a }\n", ""},
        ways{"later", "      - a: { set: \"${ $steps.b }\" }\n      - b: { set: 1 }\n",
             "22: the task \"b\" cannot have run before this"},
        ways{"itself", "      - a: { set: \"${ $steps.a }\" }\n",
             "22: the task \"a\" cannot have run before this"},
        ways{"itself, when it is done", "      - a: { set: 1, export: { as: $steps.a } }\n", ""},
        ways{"later, but jumped back",
             "      - a: { set: \"${ $steps.b }\" }\n      - b: { set: 1, if: .x, then: a }\n", ""},
        ways{"later, in a loop",
             "      - l: { for: { in: . }, do: [ { a: { set: \"${ $steps.b }\" } }, { b: { set: 1 "
             "} } ] }\n",
             ""},
        ways{"from inside its own do", "      - a: { do: [ { b: { set: \"${ $steps.a }\" } } ] }\n",
             "22: the task \"a\" cannot have run before this"},
        ways{"inside a do before",
             "      - a: { do: [ { b: { set: 1 } } ] }\n      - c: { set: \"${ $steps.b }\" }\n",
             ""},
        ways{"another branch",
             "      - f: { fork: { branches: [ { a: { set: 1 } }, { b: { set: \"${ $steps.a }\" } "
             "} ] } }\n",
             "22: the task \"a\" runs at the same time, in another branch"},
        ways{"after the fork",
             "      - f: { fork: { branches: [ { a: { set: 1 } }, { b: { set: 1 } } ] }, output: { "
             "as: $steps.a } }\n      - c: { set: \"${ $steps.b }\" }\n",
             ""},
        ways{"a try, from its catch",
             "      - a: { try: [ { b: { set: 1 } } ], catch: { when: $steps.b, do: [ { c: { set: "
             "\"${ $steps.b }\" } } ] } }\n",
             ""},
        ways{"a catch, from its try",
             "      - a: { try: [ { b: { set: \"${ $steps.c }\" } } ], catch: { do: [ { c: { set: "
             "1 } } ] } }\n",
             "22: the task \"c\" cannot have run before this"},
        ways{"a later try that retries",
             "      - a: { try: [ { b: { set: \"${ $steps.c }\" } }, { c: { set: 1 } } ], catch: { "
             "retry: transient } }\n",
             ""},
        ways{"jumped over",
             "      - a: { switch: [ { x: { when: .x, then: c } }, { y: { then: b } } ] }\n      - "
             "b: { set: 1, then: end }\n      - c: { set: \"${ $steps.b }\" }\n",
             "24: the task \"b\" cannot have run before this"},
        ways{"while, about its round",
             "      - a: { for: { in: . }, while: $steps.b == null, do: [ { b: { set: 1 } } ] }\n",
             ""},
        ways{"a task with an odd name", "      - output: { set: \"${ $steps.output }\" }\n",
             "22: the task \"output\" cannot have run before this"}));

TEST(task_ways_after_a_mistake, are_not_judged) {
    EXPECT_EQ(short_problems(integration_with("      - a: { set: 1, then: cc }\n      - b: { set: "
                                              "1, then: end }\n      - c: { set: 1 }\n")),
              "22: there is no task \"cc\" in this list");
}

}  // namespace
}  // namespace sluice::manifest
