#include "engine/engine.hpp"

#include <gtest/gtest.h>

#include "engine/engine_testing.hpp"
#include "json/text.hpp"
#include "manifest/task.hpp"

namespace sluice::engine {
namespace {

// A manifest with one flow "f" whose `do` list is `tasks` (YAML, indented by six).
std::string manifest_of(const std::string& tasks, const std::string& more = {}) {
    return flow_text(tasks, more, {}, R"(  retries:
    twice:
      delay: { seconds: 2 }
      backoff: { exponential: {} }
      limit: { attempt: { count: 2 } }
)");
}

TEST(engine, runs_tasks_in_order_and_records_each) {
    engine_world world(manifest_of(R"(
      - shape:
          set: { name: "${ .who }", over: "${ .n > $config.limit }" }
      - choose:
          switch:
            - big: { when: "${ .over }", then: large }
            - huge: { when: "${ .name == 0 }", then: never }
            - small: { then: end }
      - never: { set: wrong }
      - large:
          call: app.save
          with: { connection: main, item: "${ .name }" }
          output: { as: "${ {saved: .id, from: $steps.shape.name} }" }
)"));
    world.settings->config = json::parse(R"({"limit":5})").value();
    world.settings->connections["main"] = R"({"type":"apiKey"})";
    world.calls.on("app.save", {{R"({"id":"t-1"})"}});
    const store::event_id id = world.send("f", R"({"who":"ada","n":9})");
    world.run();
    EXPECT_EQ(json::to_text(world.output(id)), R"({"saved":"t-1","from":"ada"})");
    const store::execution_detail detail = world.execution(id);
    ASSERT_EQ(detail.steps.size(), 3u);
    EXPECT_EQ(detail.steps[0].path, "/do/0/shape");
    EXPECT_EQ(detail.steps[1].output_json, R"({"case":"big"})");
    EXPECT_EQ(detail.steps[2].input_json, R"({"item":"ada"})");
    EXPECT_EQ(detail.steps[2].connector, "app 1.0.0");
    ASSERT_EQ(world.calls.calls().size(), 1u);
    EXPECT_EQ(world.calls.calls()[0].second.request.connection_json, R"({"type":"apiKey"})");
}

const char* const retried = R"(
      - guarded:
          try:
            - send: { call: app.send, with: { x: 1 } }
          catch:
            errors: { with: { status: 503 } }
            retry: twice
)";

TEST(engine, retries_with_growing_waits_and_one_idempotency_key) {
    engine_world world(manifest_of(retried));
    world.calls.on("app.send", {{"", base::error_code::unavailable},
                                {"", base::error_code::unavailable},
                                {R"({"done":true})"}});
    const std::int64_t begin = world.clock.unix_ms();
    const store::event_id id = world.send("f", "{}");
    world.run();
    EXPECT_EQ(json::to_text(world.output(id)), R"({"done":true})");
    EXPECT_EQ(world.clock.unix_ms() - begin, 2'000 + 4'000);
    ASSERT_EQ(world.calls.calls().size(), 3u);
    const std::string key = world.calls.calls()[0].second.request.idempotency_key;
    EXPECT_FALSE(key.empty());
    for (int i = 0; i < 3; ++i) {
        const plugin::call_request& request = world.calls.calls()[i].second.request;
        EXPECT_EQ(request.idempotency_key, key);
        EXPECT_EQ(request.attempt, static_cast<std::uint32_t>(i + 1));
    }
}

TEST(engine, lets_the_fault_through_when_the_policy_is_exhausted) {
    engine_world world(manifest_of(retried));
    world.calls.on("app.send", {{"", base::error_code::unavailable}});
    const store::event_id id = world.send("f", "{}");
    world.run();
    const json::value error = world.error(id);
    EXPECT_EQ(world.calls.count("app.send"), 3u);
    EXPECT_EQ(error.int_or("status", 0), 503);
    EXPECT_EQ(error.string_or("instance", ""), "/do/0/guarded/try/0/send");
}

TEST(engine, does_not_retry_what_the_filter_does_not_take) {
    engine_world world(manifest_of(retried));
    world.calls.on("app.send", {{"", base::error_code::not_found}});
    const store::event_id id = world.send("f", "{}");
    world.run();
    EXPECT_EQ(world.error(id).int_or("status", 0), 404);
    EXPECT_EQ(world.calls.count("app.send"), 1u);
}

TEST(engine, waits_as_long_as_the_other_side_asks) {
    engine_world world(manifest_of(R"(
      - guarded:
          try: [ { send: { call: app.send } } ]
          catch: { retry: twice }
)"));
    world.calls.on("app.send", {{"", base::error_code::rate_limited, 429, 90'000}, {"{}"}});
    const std::int64_t begin = world.clock.unix_ms();
    const store::event_id id = world.send("f", "{}");
    world.run();
    world.output(id);
    EXPECT_EQ(world.clock.unix_ms() - begin, 90'000);
}

TEST(engine, a_catch_without_handler_gives_the_input_of_the_try) {
    engine_world world(manifest_of(R"(
      - guarded:
          try: [ { send: { call: app.send } } ]
          catch: { errors: { with: { status: 404 } } }
      - after: { set: "${ {kept: .} }" }
)"));
    world.calls.on("app.send", {{"", base::error_code::not_found}});
    const store::event_id id = world.send("f", R"({"a":1})");
    world.run();
    EXPECT_EQ(json::to_text(world.output(id)), R"({"kept":{"a":1}})");
}

TEST(engine, a_handler_sees_the_error_under_its_name) {
    engine_world world(manifest_of(R"(
      - guarded:
          try:
            - refuse: { raise: { error: { type: "urn:test:no", status: 422, title: "No ${x}" } } }
          catch:
            as: problem
            do: [ { note: { set: "${ {was: $problem.type, status: $problem.status} }" } } ]
)"));
    const store::event_id id = world.send("f", "{}");
    world.run();
    EXPECT_EQ(json::to_text(world.output(id)), R"({"was":"urn:test:no","status":422})");
}

TEST(engine, a_step_recorded_before_a_crash_is_not_repeated_and_the_key_stays) {
    engine_world world(manifest_of(R"(
      - first: { call: app.first }
      - second: { call: app.second, with: { id: "${ .id }" } }
)"));
    world.calls.on("app.first", {{R"({"id":7})"}});
    world.calls.on("app.second", {{R"({"ok":true})"}});
    world.calls.hang("app.second");
    const store::event_id id = world.send("f", "{}");
    world.run();
    ASSERT_EQ(world.calls.count("app.second"), 1u);
    world.crash_at("app.second");
    EXPECT_EQ(json::to_text(world.output(id)), R"({"ok":true})");
    EXPECT_EQ(world.calls.count("app.first"), 1u);
    ASSERT_EQ(world.calls.count("app.second"), 2u);
    const auto& calls = world.calls.calls();
    EXPECT_EQ(calls[1].second.request.idempotency_key, calls[2].second.request.idempotency_key);
    EXPECT_EQ(calls[2].second.request.input_json, R"({"id":7})");
}

TEST(engine, a_crash_while_waiting_for_a_retry_neither_forgets_tries_nor_waits_again) {
    engine_world world(manifest_of(retried));
    world.calls.on("app.send", {{"", base::error_code::unavailable}});
    const store::event_id id = world.send("f", "{}");
    world.run(3'000);  // the first try at 0 s, the second at 2 s, the third due at 6 s
    ASSERT_EQ(world.calls.count("app.send"), 2u);
    EXPECT_EQ(world.execution(id).summary.state, store::event_state::waiting);
    world.crash();
    world.start();
    const std::int64_t restarted = world.clock.unix_ms();
    world.run();
    EXPECT_EQ(world.calls.count("app.send"), 3u);
    EXPECT_LE(world.clock.unix_ms() - restarted, 4'000);
    EXPECT_EQ(world.error(id).int_or("status", 0), 503);
}

TEST(engine, executions_of_a_lane_run_in_order_across_a_crash) {
    engine_world world(manifest_of(R"(
      - send: { call: app.send, with: { n: "${ .n }" } }
)"));
    world.calls.hang("app.send");
    for (int n = 1; n <= 3; ++n)
        world.send("f", "{\"n\":" + std::to_string(n) + "}", "key");
    world.run();
    EXPECT_EQ(world.calls.count("app.send"), 1u);
    world.crash_at("app.send");
    std::string order;
    for (const auto& [name, call] : world.calls.calls())
        order += call.request.input_json;
    EXPECT_EQ(order, R"({"n":1}{"n":1}{"n":2}{"n":3})");
}

TEST(engine, keys_differ_between_steps_rounds_and_executions) {
    engine_world world(manifest_of(R"(
      - count: { call: app.a, with: { n: "${ .n }" }, output: { as: "${ $input + {n: ($input.n + 1)} }" } }
      - other: { call: app.b, output: { as: "${ $input }" } }
      - again:
          switch:
            - more: { when: "${ .n < 2 }", then: count }
            - done: { then: end }
)"));
    world.send("f", R"({"n":0})");
    world.send("f", R"({"n":0})");
    world.run();
    std::map<std::string, int> keys;
    for (const auto& [name, call] : world.calls.calls())
        ++keys[call.request.idempotency_key];
    EXPECT_EQ(world.calls.calls().size(), 8u);
    EXPECT_EQ(keys.size(), 8u);
}

TEST(engine, an_endless_loop_ends_with_a_fault) {
    engine_options few;
    few.of_each.max_jumps = 1'000;
    engine_world world(manifest_of(R"(
      - one: { set: { a: 1 } }
      - two: { set: { a: 2 }, then: one }
)"),
                       few);
    const store::event_id id = world.send("f", "{}");
    world.run();
    EXPECT_EQ(world.error(id).string_or("title", ""), "Too many jumps");
}

TEST(engine, secrets_reach_the_connector_but_no_record) {
    engine_world world(manifest_of(R"(
      - sign: { call: app.sign, with: { key: { $ref: config.hookSecret }, text: hello } }
)"));
    world.settings->secrets["hookSecret"] = "s3cr3t-value";
    const store::event_id id = world.send("f", "{}");
    world.run();
    world.output(id);
    EXPECT_EQ(world.calls.calls()[0].second.request.input_json,
              R"({"key":"s3cr3t-value","text":"hello"})");
    EXPECT_EQ(world.execution(id).steps[0].input_json.find("s3cr3t"), std::string::npos);
}

TEST(engine, a_task_timeout_becomes_the_deadline_of_its_calls) {
    engine_world world(manifest_of(R"(
      - block:
          timeout: { after: { seconds: 30 } }
          do:
            - inner: { call: app.slow, timeout: { after: { minutes: 5 } } }
)"));
    world.send("f", "{}");
    const std::int64_t begin = world.clock.unix_ms();
    world.run();
    EXPECT_EQ(world.calls.calls()[0].second.request.deadline_unix_ms, begin + 30'000);
}

TEST(engine, a_skipped_task_passes_its_input_on_and_its_then_does_not_count) {
    engine_world world(manifest_of(R"(
      - skipped: { if: "${ .no }", set: { gone: true }, then: end }
      - last: { set: "${ {got: .} }" }
)"));
    const store::event_id id = world.send("f", R"({"no":false})");
    world.run();
    EXPECT_EQ(json::to_text(world.output(id)), R"({"got":{"no":false}})");
}

TEST(engine, exports_become_the_context_and_a_failing_export_is_a_fault_of_its_task) {
    engine_world world(manifest_of(R"(
      - keep: { set: { a: 1 }, export: { as: "${ $context + {first: .a} }" } }
      - bad:
          try: [ { inner: { set: { b: 2 }, export: { as: "${ 1 + {} }" } } } ]
          catch: { do: [ { seen: { set: "${ {context: $context, at: $error.instance} }" } } ] }
)"));
    const store::event_id id = world.send("f", "{}");
    world.run();
    EXPECT_EQ(json::to_text(world.output(id)),
              R"({"context":{"first":1},"at":"/do/1/bad/try/0/inner"})");
}

TEST(engine, draining_parks_what_does_not_end_and_the_next_start_goes_on) {
    engine_world world(manifest_of(R"(
      - first: { call: app.first }
      - second: { call: app.second }
)"));
    world.calls.hang("app.second");
    const store::event_id id = world.send("f", "{}");
    world.run();
    bool drained = false;
    world.host->drain(5'000, [&] { drained = true; });
    world.loop.advance_ms(4'999);
    EXPECT_FALSE(drained);
    world.loop.advance_ms(1);
    world.run_ready();
    EXPECT_TRUE(drained);
    EXPECT_TRUE(world.ends.empty());
    world.crash_at("app.second");
    world.output(id);
    EXPECT_EQ(world.calls.count("app.first"), 1u);
}

TEST(engine, an_event_whose_flow_is_not_deployed_waits_in_the_store_until_it_is) {
    const std::string deployed =
        manifest_of("      - hold: { call: app.hold }\n      - a: { set: 1 }\n");
    engine_world world(deployed);
    world.calls.hang("app.hold");
    const store::event_id id = world.send("f", "{}");
    world.crash();
    world.calls.answer_from_now_on("app.hold");
    world.deploy(manifest_of("      - a: { set: 2 }\n"));
    world.start();
    world.run();
    EXPECT_EQ(world.host->stats().stranded, 1u);
    EXPECT_EQ(world.execution(id).summary.state, store::event_state::ready);
    world.crash();
    world.deploy(deployed);
    world.start();
    world.run();
    EXPECT_EQ(json::to_text(world.output(id)), "1");
}

TEST(engine, payloads_beyond_the_memory_for_waiting_events_are_read_from_the_store) {
    engine_options small;
    small.limit.running = 1;
    small.waiting_payload_bytes = 40;
    engine_world world(manifest_of("      - a: { set: \"${ .n }\" }\n"), small);
    std::vector<store::event_id> ids;
    for (int n = 0; n < 5; ++n) {
        ids.push_back(
            world.send("f", "{\"n\":" + std::to_string(n) + ",\"pad\":\"xxxxxxxxxxxx\"}"));
    }
    world.run();
    for (int n = 0; n < 5; ++n)
        EXPECT_EQ(json::to_text(world.output(ids[n])), std::to_string(n));
}

TEST(engine, durable_values_outlive_a_crash) {
    engine_world world(manifest_of(R"(
      - put: { call: state.put, with: { key: k, value: { n: "${ .n }" } } }
      - hold: { call: app.hold }
      - get: { call: state.get, with: { key: k } }
)"));
    world.calls.hang("app.hold");
    const store::event_id id = world.send("f", R"({"n":7})");
    world.run(1'000);
    world.crash_at("app.hold");
    EXPECT_EQ(json::to_text(world.output(id)), R"({"n":7})");
}

TEST(connectors, of_a_first_call_that_takes_the_process_along_stay_in_their_version) {
    engine_world world(flow_text("      - a: { call: app.a }\n      - b: { call: app.b }\n"));
    world.calls.version = "1.1.0";
    world.calls.hang("app.a");
    const store::event_id id = world.send("f", "{}");
    for (int i = 0; i < 100 && world.calls.count("app.a") == 0; ++i)
        world.run_ready();
    ASSERT_EQ(world.calls.count("app.a"), 1u);
    world.crash();
    world.calls.version = "1.2.0";  // dropped in meanwhile
    world.calls.answer_from_now_on("app.a");
    world.start();
    world.run();
    ASSERT_EQ(world.result(id), "{}");
    for (const auto& [name, call] : world.made())
        EXPECT_EQ(call.pinned, "app 1.1.0") << name;
    const store::execution_detail kept = world.execution(id);
    ASSERT_EQ(kept.steps.size(), 2u);
    for (const store::step_record& step : kept.steps) {
        EXPECT_EQ(step.kind, "call");
        EXPECT_EQ(step.connector, "app 1.1.0");
    }
    const store::event_id later = world.send("f", "{}");
    world.run();
    EXPECT_EQ(world.execution(later).steps[0].connector, "app 1.2.0");
}

TEST(engine, expressions_see_the_host_and_the_execution) {
    engine_world world(manifest_of(R"(
      - seen: { set: { host: "${ $runtime }", id: "${ $workflow.id }", given: "${ $workflow.input }" } }
)"));
    const store::event_id id = world.send("f", R"({"n":1})");
    world.run();
    const json::value seen = world.output(id);
    EXPECT_EQ(seen.get("host").string_or("name", ""), "sluice");
    EXPECT_TRUE(seen.get("host").get("version").is_string());
    EXPECT_EQ(json::to_text(seen.get("host").get("metadata")), "{}");
    EXPECT_EQ(json::to_text(seen.get("given")), R"({"n":1})");
    EXPECT_FALSE(seen.string_or("id", "").empty());
}

}  // namespace
}  // namespace sluice::engine
