// The way of a call: start, completion, misuse. (Deadlines: connector_deadline_test.cpp.)
#include "plugin/connector.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/thread.hpp"
#include "plugin/plugin_testing.hpp"

namespace sluice::plugin {

namespace {

using base::error_code;
using testing::HasSubstr;

}  // namespace

TEST(connector_call, gives_the_connectors_result) {
    plugin_world world;
    world.install("probe");
    const call_outcome outcome = world.call("probe", "echo", R"({"a": [1, "zwei"]})");
    EXPECT_EQ(output_of(outcome), R"({"a": [1, "zwei"]})");
    EXPECT_EQ(outcome.output.get("a").at(1).as_string(), "zwei");
    EXPECT_EQ(world.count("echo").calls, 1u);
    EXPECT_EQ(world.count("echo").completions, 1u);
}

TEST(connector_call, works_with_a_connector_on_the_cpp_sdk) {
    plugin_world world;
    world.install("friendly");
    EXPECT_EQ(output_of(world.call("friendly", "greet", R"({"name":"Ada"})")),
              R"({"greeting":"hello Ada"})");
    EXPECT_EQ(output_of(world.call("friendly", "add", R"({"a":20,"b":22})")), R"({"sum":42})");
}

TEST(connector_call, hands_over_everything_about_the_request) {
    plugin_world world;
    world.install("probe");
    probe_code code([&](const sluice_host* host, sluice_call* call, const sluice_request* request) {
        EXPECT_EQ(text_of(request->connection_json), R"({"type":"token"})");
        EXPECT_EQ(text_of(request->idempotency_key), "key-1");
        EXPECT_EQ(request->attempt, 3u);
        EXPECT_EQ(request->deadline_unix_ms, world.clock.unix_ms() + 9'000);
        EXPECT_EQ(request->size, sizeof(sluice_request));
        host->complete(call, view("{}"));
    });
    call_request request;
    request.connection_json = R"({"type":"token"})";
    request.idempotency_key = "key-1";
    request.attempt = 3;
    request.deadline_unix_ms = world.clock.unix_ms() + 9'000;
    EXPECT_EQ(output_of(world.run(code, request)), "{}");
}

TEST(connector_call, is_never_done_inside_start) {
    plugin_world world;
    world.install("probe");
    (void)world.call("probe", "echo", "{}");  // loaded now
    bool done = false;
    call_request request;
    request.action = "echo";
    request.input_json = "{}";
    world.connectors->find("probe")->start(request, [&](call_outcome) { done = true; });
    EXPECT_FALSE(done);
    EXPECT_TRUE(world.run_until([&] { return done; }));
}

TEST(connector_call, carries_a_failure_with_all_it_says) {
    plugin_world world;
    world.install("probe");
    probe_code code([](const sluice_host* host, sluice_call* call, const sluice_request*) {
        sluice_error error = {};
        error.size = sizeof error;
        error.code = SLUICE_RATE_LIMITED;
        error.retry_after_ms = 1'500;
        error.http_status = 429;
        error.message = view("too many requests");
        error.details_json = view(R"({"limit":60})");
        host->fail(call, &error);
    });
    const call_outcome outcome = world.run(code);
    ASSERT_EQ(code_of(outcome), error_code::rate_limited);
    const base::error& error = outcome.output_json.error_value();
    EXPECT_EQ(error.message, "too many requests");
    EXPECT_EQ(error.retry_after_ms, 1'500);
    EXPECT_EQ(error.details_json, R"({"limit":60})");
    EXPECT_EQ(outcome.http_status, 429);
    EXPECT_EQ(world.count("run").failures, 1u);
}

TEST(connector_call, mends_a_failure_that_says_nothing) {
    plugin_world world;
    world.install("probe");
    probe_code none([](const sluice_host* host, sluice_call* call, const sluice_request*) {
        host->fail(call, nullptr);
    });
    EXPECT_EQ(code_of(world.run(none)), error_code::internal);
    probe_code odd([](const sluice_host* host, sluice_call* call, const sluice_request*) {
        sluice_error error = {};
        error.size = sizeof error;
        error.code = 4'711;
        error.message = view("\xff\xfe");
        error.details_json = view("{not json");
        host->fail(call, &error);
    });
    const call_outcome outcome = world.run(odd);
    ASSERT_EQ(code_of(outcome), error_code::internal);
    EXPECT_THAT(outcome.output_json.error_value().message, HasSubstr("without saying why"));
    EXPECT_EQ(outcome.output_json.error_value().details_json, "");
}

TEST(connector_call, an_unknown_action_fails_with_a_hint) {
    plugin_world world;
    world.install("probe");
    const call_outcome outcome = world.call("probe", "fly", "{}");
    ASSERT_EQ(code_of(outcome), error_code::not_found);
    EXPECT_THAT(outcome.output_json.error_value().message, HasSubstr("probe 0.1.0"));
    EXPECT_THAT(outcome.output_json.error_value().hint, HasSubstr("connector show probe"));
}

TEST(connector_call, a_result_that_is_not_json_fails_and_is_counted) {
    plugin_world world;
    world.install("misbehave");
    const call_outcome outcome = world.call("misbehave", "badJson", "{}");
    ASSERT_EQ(code_of(outcome), error_code::internal);
    EXPECT_THAT(outcome.output_json.error_value().message, HasSubstr("misbehave 0.1.0"));
    EXPECT_EQ(world.count("badJson").bad_json, 1u);
}

TEST(connector_call, the_second_completion_is_counted_named_and_ignored) {
    plugin_world world;
    world.install("misbehave");
    EXPECT_EQ(output_of(world.call("misbehave", "twice", "{}")), "1");
    const action_counters counted = world.count("twice");
    EXPECT_EQ(counted.completions, 1u);
    EXPECT_EQ(counted.second, 1u);
    EXPECT_EQ(counted.connector, "misbehave 0.1.0");
}

TEST(connector_call, a_second_completion_long_after_the_first_is_still_named) {
    plugin_world world;
    world.install("probe");
    sluice_call* kept = nullptr;
    const sluice_host* host = nullptr;
    probe_code code([&](const sluice_host* given, sluice_call* call, const sluice_request*) {
        host = given;
        kept = call;
        given->complete(call, view("1"));
    });
    (void)world.run(code);
    // Other calls must not get the second result, whatever slot they run in.
    for (int round = 0; round < 100; ++round)
        (void)world.call("probe", "echo", "{}");
    host->complete(kept, view("2"));
    EXPECT_EQ(world.count("run").second, 1u);
    EXPECT_EQ(world.count("echo").second, 0u);
}

TEST(connector_call, made_up_handles_are_ignored) {
    plugin_world world;
    world.install("misbehave");
    EXPECT_EQ(output_of(world.call("misbehave", "foreign", "{}")), "\"mine\"");
    EXPECT_GE(world.count("").second, 3u);
}

TEST(connector_call, an_exception_out_of_start_fails_that_call_only) {
    plugin_world world;
    world.install("misbehave");
    for (const char* action : {"throws", "throwsBlocking"}) {
        const call_outcome outcome = world.call("misbehave", action, "{}");
        ASSERT_EQ(code_of(outcome), error_code::internal);
        EXPECT_THAT(outcome.output_json.error_value().message, HasSubstr("nobody catches this"));
        EXPECT_EQ(world.count(action).exceptions, 1u);
    }
    EXPECT_EQ(output_of(world.call("misbehave", "release", "{}")), "null");
}

TEST(connector_call, may_complete_from_any_thread) {
    plugin_world world;
    world.install("probe");
    std::optional<base::thread> worker;
    probe_code code([&](const sluice_host* host, sluice_call* call, const sluice_request* request) {
        worker.emplace("completer", [host, call, input = text_of(request->idempotency_key)] {
            host->complete(call, view("\"" + input + "\""));
        });
    });
    call_request request;
    request.idempotency_key = "from a thread";
    EXPECT_EQ(output_of(world.run(code, request)), "\"from a thread\"");
}

TEST(connector_call, posted_functions_run_on_the_loop_until_the_call_is_over) {
    plugin_world world;
    world.install("probe");
    int after_the_end = 0;
    struct state {
        const sluice_host* host;
        sluice_call* call;
        int* after_the_end;
    } shared{};
    probe_code code([&](const sluice_host* host, sluice_call* call, const sluice_request*) {
        shared = {host, call, &after_the_end};
        host->post(
            call,
            [](void* user) {
                auto* here = static_cast<state*>(user);
                here->host->post(
                    here->call, [](void* late) { ++*static_cast<state*>(late)->after_the_end; },
                    user);
                here->host->complete(here->call, view("\"posted\""));
                here->host->post(
                    here->call, [](void* late) { ++*static_cast<state*>(late)->after_the_end; },
                    user);
            },
            &shared);
    });
    EXPECT_EQ(output_of(world.run(code)), "\"posted\"");
    world.loop.run_ready();
    EXPECT_EQ(after_the_end, 0);
}

TEST(connector_call, log_lines_say_which_execution_they_belong_to) {
    plugin_world world;
    world.install("probe");
    probe_code code([](const sluice_host* host, sluice_call* call, const sluice_request*) {
        host->log(host, call, SLUICE_LOG_WARNING, view("careful"), view(R"({"n":1})"));
        host->complete(call, view("null"));
    });
    call_request request;
    request.scope.instance = "acme";
    request.scope.execution = 77;
    (void)world.run(code, request);
    ASSERT_EQ(world.log_lines.size(), 1u);
    EXPECT_EQ(world.log_lines[0].message, "careful");
    EXPECT_EQ(world.log_lines[0].level, base::log_level::warning);
    EXPECT_EQ(world.log_lines[0].connector, "probe 0.1.0");
    EXPECT_EQ(world.log_lines[0].action, "run");
    EXPECT_EQ(world.log_lines[0].scope.instance, "acme");
    EXPECT_EQ(world.log_lines[0].scope.execution, 77);
}

}  // namespace sluice::plugin
