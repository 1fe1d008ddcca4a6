#include "manifest/computes_only.hpp"

#include <gtest/gtest.h>

#include "manifest/manifest_testing.hpp"

namespace sluice::manifest {
namespace {

bool of(const std::string& tasks, const std::string& more = "") {
    const integration made = loaded(
        "manifest: \"1\"\nintegration: { namespace: acme, name: x, version: 1.0.0 }\nflows:\n  f:\n"
        "    trigger: { call: {} }\n" +
        more + "    do:\n" + tasks);
    return computes_only(made.flows[0]);
}

TEST(computes_only, holds_for_what_touches_nothing) {
    EXPECT_TRUE(of("      - a: { set: { x: 1 } }\n"));
    EXPECT_TRUE(
        of(R"(      - a: { switch: [ { one: { when: .x, then: c } }, { rest: { then: b } } ] }
      - b: { do: [ { in: { set: { x: 1 } } } ] }
      - c:
          try: [ { no: { raise: { error: { type: "https://a.test/e", status: 400, title: no } } } } ]
          catch: { do: [ { yes: { set: { x: 2 } } } ] }
)"));
}

TEST(computes_only, does_not_hold_for_what_waits_or_is_noticed) {
    for (const std::string one :
         {"{ call: http, with: { method: get, endpoint: http://a.test/ } }", "{ wait: PT1S }",
          "{ call: state.put, with: { key: a, value: 1 } }",
          "{ emit: { event: { with: { type: a, source: http://a.test/ } } } }",
          "{ for: { in: .x }, do: [ { b: { set: { x: 1 } } } ] }",
          "{ do: [ { b: { wait: PT1S } } ] }",
          "{ try: [ { b: { set: { x: 1 } } } ], catch: { do: [ { c: { wait: PT1S } } ] } }",
          "{ try: [ { b: { set: { x: 1 } } } ], catch: { retry: { delay: PT1S } } }"}) {
        EXPECT_FALSE(of("      - a: " + one + "\n")) << one;
    }
}

TEST(computes_only, does_not_hold_for_what_may_go_round_in_circles) {
    EXPECT_FALSE(of("      - a: { set: { x: 1 } }\n      - b: { set: { x: 2 }, then: a }\n"));
    EXPECT_FALSE(of("      - a: { switch: [ { again: { when: .x, then: a } } ] }\n"));
}

TEST(computes_only, does_not_hold_for_a_flow_that_starts_again) {
    EXPECT_FALSE(of("      - a: { set: { x: 1 } }\n",
                    "    retry: { delay: PT1S, limit: { attempt: { count: 2 } } }\n"));
}

}  // namespace
}  // namespace sluice::manifest
