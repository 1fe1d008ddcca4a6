// Executions that go on from the step that failed: what runs again, what does not, and under which
// idempotency key.
#include <gtest/gtest.h>

#include "engine/engine_testing.hpp"

namespace sluice::engine {
namespace {

using reply = scripted_calls::reply;

const reply refused{"", base::error_code::invalid_input, 422};
const reply good{R"({"n":1})"};

std::vector<std::string> keys_of(const engine_world& world, const std::string& function) {
    std::vector<std::string> out;
    for (const auto& [name, call] : world.made()) {
        if (name == function) out.push_back(call.request.idempotency_key);
    }
    return out;
}

// "a" works, "b" fails at first, then works; "c" follows.
struct three_calls {
    explicit three_calls(const std::string& keys = {})
        : world(flow_text("      - a: { call: app.a }\n      - b: { call: app.b, with: { limit: "
                          "\"${ $config.limit }\" } }\n      - c: { call: app.c }\n",
                          keys)) {
        world.calls.on("app.b", {refused, good});
        id = world.send("f", R"({"in":1})");
        world.run();
    }
    engine_world world;
    store::event_id id = 0;
};

TEST(resume, goes_on_from_the_step_that_failed_under_the_same_key) {
    three_calls it;
    ASSERT_EQ(it.world.result(it.id), "! 422 validation at /do/1/b");
    ASSERT_TRUE(it.world.resume(it.id));
    it.world.run();
    EXPECT_EQ(it.world.execution(it.id).summary.state, store::event_state::succeeded);
    EXPECT_EQ(it.world.calls.count("app.a"), 1u);
    EXPECT_EQ(it.world.calls.count("app.c"), 1u);
    const auto keys = keys_of(it.world, "app.b");
    ASSERT_EQ(keys.size(), 2u);
    EXPECT_EQ(keys[0], keys[1]);
    EXPECT_EQ(it.world.end_counts[it.id], 2);
}

TEST(resume, keeps_what_became_of_the_earlier_attempt) {
    three_calls it;
    it.world.clock.advance_ms(5'000);
    ASSERT_TRUE(it.world.resume(it.id));
    it.world.run();
    const store::execution_detail found = it.world.execution(it.id);
    ASSERT_EQ(found.attempts.size(), 1u);
    EXPECT_EQ(found.attempts[0].state, store::event_state::failed);
    EXPECT_NE(found.attempts[0].error_json.find("422"), std::string::npos);
    EXPECT_GE(found.attempts[0].resumed_ms, found.attempts[0].ended_ms + 5'000);
    ASSERT_EQ(found.attempts[0].steps.size(), 1u);
    EXPECT_EQ(found.attempts[0].steps[0].path, "/do/1/b");
    EXPECT_FALSE(found.attempts[0].steps[0].ok);
    EXPECT_EQ(found.steps.size(), 3u);
    EXPECT_EQ(found.summary.error_json, "");
}

TEST(resume, sees_corrected_values_of_the_configuration_in_what_only_computes_before_the_step) {
    engine_world world(flow_text(R"(
      - a: { call: app.a }
      - which: { set: { to: "${ $config.limit }" } }
      - b: { call: app.b, with: { to: "${ .to }" } }
)"));
    world.calls.on("app.b", {refused, good});
    world.settings->config = json::value::object({{"limit", "wrong"}});
    const store::event_id id = world.send("f", "{}");
    world.run();
    world.settings->config = json::value::object({{"limit", "right"}});
    ASSERT_TRUE(world.resume(id));
    world.run();
    EXPECT_EQ(world.made().back().second.request.input_json, R"({"to":"right"})");
    EXPECT_EQ(world.calls.count("app.a"), 1u);
}

TEST(resume, is_refused_for_what_succeeded_or_is_not_over_and_happens_once) {
    three_calls it;
    ASSERT_TRUE(it.world.resume(it.id));
    it.world.run();
    EXPECT_EQ(it.world.resume(it.id).error_value().code, base::error_code::conflict);
    engine_world other(flow_text("      - a: { call: app.a }\n"));
    other.calls.hang("app.a");
    const store::event_id id = other.send("f", "{}");
    other.run(1'000);
    EXPECT_EQ(other.resume(id).error_value().code, base::error_code::conflict);
}

TEST(resume, is_refused_without_the_inputs) {
    three_calls it("    record: metadata\n");
    const auto told = it.world.resume(it.id);
    ASSERT_FALSE(told);
    EXPECT_NE(told.error_value().message.find("metadata"), std::string::npos);
}

// Wherever the process dies after the operator was told: each step once, but for the one that was
// under way.
TEST(resume, leaves_nothing_twice_when_the_process_dies_in_the_middle) {
    for (int turns = 0;; ++turns) {
        three_calls it;
        ASSERT_TRUE(it.world.resume(it.id));
        const bool more = it.world.turns(turns);
        it.world.crash();
        it.world.start();
        it.world.run();
        const store::execution_detail found = it.world.execution(it.id);
        EXPECT_EQ(found.summary.state, store::event_state::succeeded) << turns;
        EXPECT_EQ(found.attempts.size(), 1u) << turns;
        EXPECT_EQ(it.world.calls.count("app.a"), 1u) << turns;
        EXPECT_LE(it.world.calls.count("app.b"), 3u) << turns;
        for (const std::string& key : keys_of(it.world, "app.b"))
            EXPECT_EQ(key, keys_of(it.world, "app.b")[0]) << turns;
        if (!more) break;
    }
}

TEST(resume, of_an_exhausted_retry_makes_one_more_try) {
    engine_world world(flow_text(R"(
      - t:
          try: [ { a: { call: app.a } }, { b: { call: app.b } } ]
          catch: { retry: { delay: { seconds: 1 }, limit: { attempt: { count: 2 } } } }
)"));
    world.calls.on("app.b", {refused, refused, refused, good});
    const store::event_id id = world.send("f", "{}");
    world.run();
    ASSERT_EQ(world.result(id), "! 422 validation at /do/0/t/try/1/b");
    ASSERT_EQ(world.calls.count("app.a"), 3u) << "a retry repeats the whole try";
    ASSERT_TRUE(world.resume(id));
    world.run();
    EXPECT_EQ(world.execution(id).summary.state, store::event_state::succeeded);
    EXPECT_EQ(world.calls.count("app.a"), 3u);
    EXPECT_EQ(world.calls.count("app.b"), 4u);
}

TEST(resume, goes_back_to_what_a_handler_caught_and_raised_in_other_words) {
    engine_world world(flow_text(R"(
      - t:
          try: [ { b: { call: app.b } } ]
          catch:
            do:
              - tell: { call: app.tell }
              - say: { raise: { error: { type: "urn:mine", status: 500, title: Mine } } }
      - c: { call: app.c }
)"));
    world.calls.on("app.b", {refused, good});
    const store::event_id id = world.send("f", "{}");
    world.run();
    ASSERT_EQ(world.result(id), "! 500 urn:mine at /do/0/t/catch/do/1/say");
    ASSERT_TRUE(world.resume(id));
    world.run();
    EXPECT_EQ(world.execution(id).summary.state, store::event_state::succeeded);
    EXPECT_EQ(world.calls.count("app.b"), 2u);
    EXPECT_EQ(world.calls.count("app.tell"), 1u);
    EXPECT_EQ(world.calls.count("app.c"), 1u);
}

TEST(resume, leaves_alone_what_was_caught_before) {
    engine_world world(flow_text(R"(
      - t:
          try: [ { a: { call: app.a } } ]
          catch: { do: [ { instead: { call: app.instead } } ] }
      - b: { call: app.b }
)"));
    world.calls.on("app.a", {refused});
    world.calls.on("app.b", {refused, good});
    const store::event_id id = world.send("f", "{}");
    world.run();
    ASSERT_TRUE(world.resume(id));
    world.run();
    EXPECT_EQ(world.execution(id).summary.state, store::event_state::succeeded);
    EXPECT_EQ(world.calls.count("app.a"), 1u);
    EXPECT_EQ(world.calls.count("app.instead"), 1u);
    EXPECT_EQ(world.calls.count("app.b"), 2u);
}

TEST(resume, goes_on_in_the_round_of_a_loop_that_failed) {
    engine_world world(flow_text(R"(
      - each:
          for: { each: n, in: "${ [1, 2, 3, 4] }" }
          do: [ { send: { call: app.send, with: { n: "${ $n }" } } } ]
)"));
    world.calls.on("app.send", {good, good, refused, good});
    const store::event_id id = world.send("f", "{}");
    world.run();
    ASSERT_TRUE(world.resume(id));
    world.run();
    EXPECT_EQ(world.execution(id).summary.state, store::event_state::succeeded);
    std::vector<std::string> sent;
    for (const auto& [name, call] : world.made())
        sent.push_back(call.request.input_json);
    EXPECT_EQ(sent, (std::vector<std::string>{R"({"n":1})", R"({"n":2})", R"({"n":3})",
                                              R"({"n":3})", R"({"n":4})"}));
}

TEST(resume, runs_only_the_branch_of_a_fork_that_failed) {
    engine_world world(flow_text(R"(
      - both:
          fork:
            branches:
              - left: { do: [ { l1: { call: app.l1 } }, { l2: { call: app.l2 } } ] }
              - right: { call: app.right }
      - after: { call: app.after }
)"));
    world.calls.on("app.l2", {refused, good});
    const store::event_id id = world.send("f", "{}");
    world.run();
    ASSERT_EQ(world.execution(id).summary.state, store::event_state::failed);
    ASSERT_TRUE(world.resume(id));
    world.run();
    EXPECT_EQ(world.execution(id).summary.state, store::event_state::succeeded);
    EXPECT_EQ(world.calls.count("app.l1"), 1u);
    EXPECT_EQ(world.calls.count("app.l2"), 2u);
    EXPECT_EQ(world.calls.count("app.right"), 1u);
    EXPECT_EQ(world.calls.count("app.after"), 1u);
}

TEST(resume, resumes_the_flow_that_a_step_waited_for) {
    engine_world world(
        flow_text("      - before: { call: app.before }\n"
                  "      - sub: { run: { workflow: { namespace: test, name: g, "
                  "version: \"1.0.0\" } } }\n"
                  "      - after: { call: app.after }\n",
                  {}, R"(  g:
    trigger: { call: {} }
    do: [ { g1: { call: app.g1 } }, { g2: { call: app.g2 } } ]
)"));
    world.calls.on("app.g2", {refused, good});
    const store::event_id id = world.send("f", "{}");
    world.run();
    ASSERT_EQ(world.result(id), "! 422 validation at /do/1/sub");
    ASSERT_TRUE(world.resume(id));
    world.run();
    EXPECT_EQ(world.execution(id).summary.state, store::event_state::succeeded);
    EXPECT_EQ(world.calls.count("app.before"), 1u);
    EXPECT_EQ(world.calls.count("app.g1"), 1u);
    EXPECT_EQ(world.calls.count("app.g2"), 2u);
    EXPECT_EQ(world.calls.count("app.after"), 1u);
}

TEST(resume, of_a_cancelled_execution_repeats_the_call_that_was_under_way) {
    engine_world world(flow_text("      - a: { call: app.a }\n      - b: { call: app.b }\n"));
    world.calls.hang("app.b");
    const store::event_id id = world.send("f", "{}");
    world.run(1'000);
    world.host->cancel(id);
    world.run();
    ASSERT_EQ(world.result(id), "cancelled");
    world.calls.answer_from_now_on("app.b");
    ASSERT_TRUE(world.resume(id));
    world.run();
    EXPECT_EQ(world.execution(id).summary.state, store::event_state::succeeded);
    EXPECT_EQ(world.calls.count("app.a"), 1u);
    EXPECT_EQ(world.calls.count("app.b"), 2u);
}

TEST(resume, gives_the_time_allowed_anew) {
    engine_world world(flow_text(R"(
      - a: { call: app.a }
      - b: { call: app.b }
      - c: { timeout: { after: { seconds: 20 } }, call: app.c }
)",
                                 "    timeout: { after: { seconds: 60 } }\n"));
    world.calls.hang("app.b");
    const store::event_id id = world.send("f", "{}");
    world.run(120'000);
    ASSERT_EQ(world.result(id), "! 408 timeout at /timeout");
    world.calls.answer_from_now_on("app.b");
    world.clock.advance_ms(24 * 3'600'000);
    ASSERT_TRUE(world.resume(id));
    // Also when the process dies right after the first step that follows.
    world.calls.hang("app.c");
    world.run(1'000);
    world.crash_at("app.c");
    EXPECT_EQ(world.execution(id).summary.state, store::event_state::succeeded)
        << world.execution(id).summary.error_json;
    EXPECT_EQ(world.calls.count("app.a"), 1u);
    EXPECT_EQ(world.calls.count("app.b"), 2u);
}

TEST(resume, calls_the_connector_that_is_there_now) {
    three_calls it;
    it.world.calls.version = "1.0.1";
    ASSERT_TRUE(it.world.resume(it.id));
    it.world.run();
    const store::execution_detail found = it.world.execution(it.id);
    EXPECT_EQ(found.steps[0].connector, "app 1.0.0");
    EXPECT_EQ(found.steps[1].connector, "app 1.0.1");
}

TEST(resume, of_a_quarantined_execution_counts_its_deaths_anew) {
    engine_world world(flow_text("      - a: { call: app.a }\n      - b: { call: app.b }\n"));
    world.calls.hang("app.b");
    const store::event_id id = world.send("f", "{}");
    for (int deaths = 0; deaths < 3; ++deaths) {
        world.run(1'000);
        world.crash();
        world.died_inside = {{id, store::death::crash}};
        world.start();
    }
    world.run();
    ASSERT_EQ(world.result(id), "quarantined");
    world.calls.answer_from_now_on("app.b");
    ASSERT_TRUE(world.resume(id));
    world.run();
    EXPECT_EQ(world.execution(id).summary.state, store::event_state::succeeded);
    EXPECT_EQ(world.calls.count("app.a"), 1u);
}

std::string with_b(const std::string& a, const std::string& b) {
    return flow_text("      - a: { call: app.a, with: " + a +
                     " }\n      - b: { call: app.b, with: " + b + " }\n");
}

TEST(resume, in_the_newest_version_runs_the_corrected_step) {
    engine_world world(with_b("{ x: 1 }", "{ x: wrong }"));
    world.calls.on("app.b", {refused, good});
    const store::event_id id = world.send("f", "{}");
    world.run();
    world.upgrade(with_b("{ x: 1 }", "{ x: right }"));
    const std::string old_version = world.execution(id).summary.flow_version;
    ASSERT_TRUE(world.resume(id, true));
    world.run();
    const store::execution_detail found = world.execution(id);
    EXPECT_EQ(found.summary.state, store::event_state::succeeded);
    EXPECT_NE(found.summary.flow_version, old_version);
    EXPECT_EQ(found.attempts.at(0).flow_version, old_version);
    EXPECT_EQ(world.made().back().second.request.input_json, R"({"x":"right"})");
    EXPECT_EQ(world.calls.count("app.a"), 1u);
}

TEST(resume, in_the_newest_version_is_refused_when_a_recorded_step_is_another) {
    engine_world world(with_b("{ x: 1 }", "{ x: 1 }"));
    world.calls.on("app.b", {refused});
    const store::event_id id = world.send("f", "{}");
    world.run();
    const store::execution_detail before = world.execution(id);
    world.upgrade(with_b("{ x: 2 }", "{ x: 1 }"));
    const auto told = world.resume(id, true);
    ASSERT_FALSE(told);
    EXPECT_EQ(told.error_value().code, base::error_code::conflict);
    EXPECT_NE(told.error_value().message.find("\"a\" (/do/0/a)"), std::string::npos);
    EXPECT_EQ(world.execution(id).summary.state, store::event_state::failed);
    EXPECT_EQ(world.execution(id).steps.size(), before.steps.size());
}

}  // namespace
}  // namespace sluice::engine
