// try, catch and retry: how often, how long between, what follows.
#include <gtest/gtest.h>

#include "engine/engine_testing.hpp"
#include "json/text.hpp"

namespace sluice::engine {
namespace {

// A flow that calls app.send under this policy, against a side that never works.
struct failing_world {
    explicit failing_world(const std::string& policy, const std::string& after = {})
        : world(flow_text("      - t:\n          try: [ { send: { call: app.send } } ]\n"
                          "          catch: { retry: " +
                          policy + after + " }\n      - last: { set: \"${ {got: .} }\" }\n")) {
        world.calls.on("app.send", {{"", base::error_code::unavailable}});
    }
    std::string run() {
        const store::event_id id = world.send("f", R"({"in":1})");
        world.run(24 * 3'600'000);
        const store::execution_summary summary = world.execution(id).summary;
        took_ms = summary.ended_ms - summary.accepted_ms;
        return world.result(id);
    }
    std::size_t calls() const { return world.calls.count("app.send"); }
    engine_world world;
    std::int64_t took_ms = 0;
};

const char* const failed = "! 503 communication at /do/0/t/try/0/send";

TEST(retries, count_is_the_number_of_retries) {
    failing_world world("{ delay: { seconds: 1 }, limit: { attempt: { count: 3 } } }");
    EXPECT_EQ(world.run(), failed);
    EXPECT_EQ(world.calls(), 4u);
}

TEST(retries, wait_constantly_linearly_or_twice_as_long) {
    const std::string rest = ", limit: { attempt: { count: 4 } } }";
    const std::pair<const char*, std::int64_t> expected[] = {
        {"constant", 2'000 * 4},
        {"linear", 2'000 * (1 + 2 + 3 + 4)},
        {"exponential", 2'000 * (1 + 2 + 4 + 8)}};
    for (const auto& [name, total] : expected) {
        failing_world world("{ delay: { seconds: 2 }, backoff: { " + std::string(name) + ": {} }" +
                            rest);
        EXPECT_EQ(world.run(), failed);
        EXPECT_EQ(world.took_ms, total) << name;
    }
}

TEST(retries, never_wait_longer_than_five_minutes) {
    failing_world world(
        "{ delay: { minutes: 4 }, backoff: { exponential: {} }, limit: { attempt: { count: 3 } } "
        "}");
    EXPECT_EQ(world.run(), failed);
    EXPECT_EQ(world.took_ms, (4 + 5 + 5) * 60'000);
}

TEST(retries, in_total_last_no_longer_than_their_limit) {
    failing_world world("{ delay: { seconds: 3 }, limit: { duration: { seconds: 10 } } }");
    EXPECT_EQ(world.run(), failed);
    EXPECT_EQ(world.calls(), 4u);  // at 0, 3, 6 and 9 seconds
}

TEST(retries, end_an_attempt_that_takes_too_long) {
    failing_world world(
        "{ delay: { seconds: 1 }, limit: { attempt: { count: 2, duration: { seconds: 5 } } } }");
    world.world.calls.hang("app.send");
    EXPECT_EQ(world.run(), "! 408 timeout at /do/0/t");
    EXPECT_EQ(world.calls(), 3u);
    EXPECT_EQ(world.took_ms, 5'000 * 3 + 2 * 1'000);
}

TEST(retries, add_a_jitter_within_its_ends_that_a_crash_does_not_change) {
    const std::string policy =
        "{ delay: { seconds: 1 }, jitter: { from: { seconds: 1 }, to: { "
        "seconds: 30 } }, limit: { attempt: { count: 1 } } }";
    failing_world world(policy);
    EXPECT_EQ(world.run(), failed);
    EXPECT_GE(world.took_ms, 2'000);
    EXPECT_LE(world.took_ms, 31'000);
    EXPECT_NE(world.took_ms % 1'000, 0) << "a random number of milliseconds";
    failing_world again(policy);
    const store::event_id id = again.world.send("f", R"({"in":1})");
    again.world.run(1'000);
    for (int crashes = 0; crashes < 3; ++crashes) {
        again.world.crash();
        again.world.start();
    }
    again.world.run();
    EXPECT_EQ(again.world.result(id), failed);
    const store::execution_summary summary = again.world.execution(id).summary;
    EXPECT_EQ(summary.ended_ms - summary.accepted_ms, world.took_ms);
}

TEST(retries, are_spread_by_jitter_over_executions) {
    failing_world world(
        "{ delay: { seconds: 1 }, jitter: { from: { seconds: 0 }, to: { minutes: 5 "
        "} }, limit: { attempt: { count: 1 } } }");
    const store::event_id a = world.world.send("f", "{}");
    const store::event_id b = world.world.send("f", "{}");
    world.world.run();
    EXPECT_NE(world.world.execution(a).summary.ended_ms, world.world.execution(b).summary.ended_ms);
}

TEST(retries, happen_when_their_conditions_hold) {
    failing_world no("{ when: \"${ $error.status == 500 }\", limit: { attempt: { count: 2 } } }");
    EXPECT_EQ(no.run(), failed);
    EXPECT_EQ(no.calls(), 1u);
    failing_world except(
        "{ exceptWhen: \"${ $error.status == 503 }\", limit: { attempt: { count: "
        "2 } } }");
    EXPECT_EQ(except.run(), failed);
    EXPECT_EQ(except.calls(), 1u);
    failing_world yes(
        "{ when: \"${ $error.status == 503 and .in == 1 }\", limit: { attempt: { "
        "count: 2 } } }");
    EXPECT_EQ(yes.run(), failed);
    EXPECT_EQ(yes.calls(), 3u);
}

TEST(retries, are_followed_by_the_handler_or_by_then) {
    const std::string policy = "{ limit: { attempt: { count: 1 } } }";
    failing_world handled(policy, ", do: [ { h: { set: handled } } ]");
    EXPECT_EQ(handled.run(), R"({"got":"handled"})");
    EXPECT_EQ(handled.calls(), 2u);
    failing_world then(policy, ", then: end");
    EXPECT_EQ(then.run(), R"({"in":1})");
    failing_world success(policy, ", then: exit");
    success.world.calls.on("app.send", {{"", base::error_code::unavailable}, {"5"}});
    EXPECT_EQ(success.run(), R"({"got":5})") << "then is for the error path only";
}

const char* const whole = R"(    retry: { delay: { seconds: 10 }, limit: { attempt: { count: 2 } } }
)";

TEST(retries, of_a_flow_begin_with_its_payload_and_nothing_else) {
    engine_world world(flow_text(R"(
      - first: { call: app.first, with: { in: "${ . }" }, export: { as: "${ ($context // 0) + 1 }" } }
      - second: { call: app.second, output: { as: "${ [$context, ($steps | keys)] }" } }
)",
                                 whole));
    world.calls.on("app.second", {{"", base::error_code::unavailable}, {"{}"}});
    const std::int64_t begin = world.clock.unix_ms();
    const store::event_id id = world.send("f", R"({"p":1})");
    world.run(5'000);
    world.crash();
    world.start();
    world.run();
    EXPECT_EQ(world.result(id), R"([1,["first"]])");
    EXPECT_EQ(world.execution(id).summary.ended_ms - begin, 10'000);
    ASSERT_EQ(world.calls.count("app.first"), 2u);
    const auto& calls = world.made();
    EXPECT_EQ(calls[0].second.request.input_json, calls[2].second.request.input_json);
    EXPECT_EQ(calls[0].second.request.idempotency_key, calls[2].second.request.idempotency_key);
    EXPECT_EQ(calls[1].second.request.idempotency_key, calls[3].second.request.idempotency_key);
}

TEST(retries, of_a_flow_keep_its_limits_of_time) {
    engine_world world(
        flow_text("      - a: { call: app.slow }\n",
                  "    retry: { delay: { seconds: 1 }, limit: { attempt: { count: 2, "
                  "duration: { seconds: 4 } } } }\n"));
    world.calls.hang("app.slow");
    const store::event_id id = world.send("f", "{}");
    world.run();
    EXPECT_EQ(world.result(id), "! 408 timeout at /retry");
    EXPECT_EQ(world.calls.count("app.slow"), 3u);

    engine_world timed(flow_text("      - a: { call: app.slow }\n",
                                 std::string(whole) + "    timeout: { after: { seconds: 15 } }\n"));
    timed.calls.on("app.slow", {{"", base::error_code::unavailable}});
    const store::event_id late = timed.send("f", "{}");
    timed.run();
    EXPECT_EQ(timed.calls.count("app.slow"), 2u) << "a third try would come after 20 seconds";
    EXPECT_EQ(timed.result(late), "! 503 communication at /do/0/a");
}

}  // namespace
}  // namespace sluice::engine
