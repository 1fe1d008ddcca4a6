#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sluice/json.hpp"
#include "sluice/testing/descriptor.hpp"
#include "sluice/testing/mock_host.hpp"

namespace {

using sluice::json;
using sluice::testing::call_result;
using sluice::testing::mock_host;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(connector, gives_back_what_the_action_returned) {
    mock_host host(sluice_connector_v1);
    const json input{{"id", 9007199254740993}, {"nested", {{"text", "ö"}}}};
    const call_result result = host.run("echo", input);
    EXPECT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output, input);
}

TEST(connector, tells_an_action_about_its_call) {
    mock_host host(sluice_connector_v1);
    const call_result result =
        host.run("describe", json::object(), {{"type", "token"}, {"token", "t0p"}},
                 {.idempotency_key = "step-9", .attempt = 3, .deadline_unix_ms = 1234});
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output,
              (json{{"key", "step-9"}, {"attempt", 3}, {"token", "t0p"}, {"deadline", 1234}}));
    ASSERT_EQ(result.log.size(), 1u);
    EXPECT_EQ(result.log[0].level, SLUICE_LOG_WARNING);
    EXPECT_EQ(result.log[0].fields, (json{{"count", 4}}));
    ASSERT_EQ(host.log().size(), 1u);
    EXPECT_EQ(host.log()[0].message, "opened");
}

TEST(connector, refuses_a_call_whose_connection_lacks_a_field) {
    mock_host host(sluice_connector_v1);
    const call_result result = host.run("describe", json::object());
    EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT);
    EXPECT_THAT(result.error.message, HasSubstr("'token'"));
}

TEST(connector, sends_requests_and_reads_replies) {
    mock_host host(sluice_connector_v1);
    host.on("GET", "https://example.test/a").reply(200, R"({"x": 1})").after_ms(900);
    const call_result result = host.run("fetch", {{"url", "https://example.test/a"}});
    EXPECT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output, (json{{"x", 1}}));
    ASSERT_EQ(host.requests().size(), 1u);
    EXPECT_EQ(host.requests()[0].header("authorization"), "Bearer secret");
    EXPECT_EQ(host.now_ms(), 900u);
}

TEST(connector, reports_the_third_partys_refusal) {
    mock_host host(sluice_connector_v1);
    host.on("GET", "https://example.test/a")
        .reply(429, R"({"message": "enough"})", {{"Retry-After", "7"}});
    const call_result result = host.run("fetch", {{"url", "https://example.test/a"}});
    EXPECT_FALSE(result.ok);
    EXPECT_EQ(result.error.code, SLUICE_RATE_LIMITED);
    EXPECT_EQ(result.error.message, "The service answered 429: enough");
    EXPECT_EQ(result.error.retry_after_ms, 7000u);
    EXPECT_EQ(result.error.http_status, 429u);
}

TEST(connector, reports_that_no_answer_came) {
    mock_host host(sluice_connector_v1);
    host.on("GET", "https://example.test/a").fail(SLUICE_UNAVAILABLE, "connection refused");
    const call_result result = host.run("fetch", {{"url", "https://example.test/a"}});
    EXPECT_EQ(result.error.code, SLUICE_UNAVAILABLE);
    EXPECT_EQ(result.error.message, "connection refused");
}

TEST(connector, awaits_tasks_of_its_own) {
    mock_host host(sluice_connector_v1);
    host.on("GET", "https://example.test/items?page=1")
        .reply(200, R"({"items":[1,2],"more":true})");
    host.on("GET", "https://example.test/items?page=2").reply(200, R"({"items":[3]})");
    const call_result result = host.run("pages", json::object());
    EXPECT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output, json::array({1, 2, 3}));
    EXPECT_EQ(host.now_ms(), 100u);
}

TEST(connector, keeps_state_and_notices_lost_races) {
    mock_host host(sluice_connector_v1);
    for (int i = 1; i <= 2; ++i) {
        const call_result result = host.run("count", json::object());
        EXPECT_EQ(result.output, (json{{"won", true}, {"lost", true}, {"gone", true}}))
            << result.explain();
        EXPECT_EQ(host.state("count"), json(i));
    }
}

TEST(connector, reads_and_writes_blobs) {
    mock_host host(sluice_connector_v1);
    const json file = host.add_blob("text/plain", "hello world");
    const call_result result = host.run("shout", {{"file", file}});
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(host.blob_bytes(result.output["file"]), "HELLO WORLD");
    EXPECT_EQ(result.output["file"]["size"], json(11));
    EXPECT_EQ(result.output["file"]["contentType"], json("text/plain"));
}

TEST(connector, refuses_a_blob_that_does_not_exist) {
    mock_host host(sluice_connector_v1);
    EXPECT_EQ(host.run("shout", {{"file", "nothing"}}).error.code, SLUICE_INVALID_INPUT);
    EXPECT_EQ(host.run("shout", {{"file", {{"$blob", "x"}}}}).error.code, SLUICE_INVALID_INPUT);
}

TEST(connector, moves_bodies_as_blobs) {
    mock_host host(sluice_connector_v1);
    host.on("GET", "https://example.test/file")
        .reply(200, "content", {{"Content-Type", "text/plain"}});
    host.on("PUT", "https://example.test/copy").reply(204, "");
    const call_result result = host.run("download", {{"url", "https://example.test/file"}});
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(host.requests().at(1).body, "content");
    EXPECT_EQ(result.output["contentType"], json("text/plain"));
}

TEST(connector, runs_work_off_the_strand) {
    mock_host host(sluice_connector_v1);
    EXPECT_EQ(host.run("heavy", {{"text", "ab"}}).output, (json{{"text", "abab"}, {"ran", true}}));
    const call_result thrown = host.run("heavy", {{"text", "throw"}});
    EXPECT_EQ(thrown.error.code, SLUICE_CONFLICT);
    EXPECT_EQ(thrown.error.message, "thrown on the pool");
    host.refuse_work();
    EXPECT_EQ(host.run("heavy", {{"text", "ab"}}).error.code, SLUICE_UNAVAILABLE);
}

TEST(connector, turns_exceptions_into_failures) {
    mock_host host(sluice_connector_v1);
    const call_result known = host.run("refuse", json::object());
    EXPECT_EQ(known.error.code, SLUICE_RATE_LIMITED);
    EXPECT_EQ(known.error.message, "slow down");
    EXPECT_EQ(known.error.retry_after_ms, 1500u);
    EXPECT_EQ(known.error.details, (json{{"limit", 10}}));

    const call_result standard = host.run("refuse", {{"how", "standard"}});
    EXPECT_EQ(standard.error.code, SLUICE_INTERNAL);
    EXPECT_EQ(standard.error.message, "a bug");
    EXPECT_EQ(host.run("refuse", {{"how", "unknown"}}).error.code, SLUICE_INTERNAL);
    EXPECT_EQ(host.run("refuse", {{"how", "not utf-8"}}).error.code, SLUICE_INTERNAL);
    EXPECT_EQ(host.run("refuseEarly", json::object()).error.code, SLUICE_UNSUPPORTED);
    EXPECT_THAT(known.problems, IsEmpty());
}

TEST(connector, refuses_input_that_is_not_json) {
    mock_host host(sluice_connector_v1);
    EXPECT_EQ(host.run_text("echo", "{").error.code, SLUICE_INTERNAL);
    EXPECT_EQ(host.run_text("fetchBlocking", "{").error.code, SLUICE_INTERNAL);
}

TEST(connector, needs_no_stack_for_tasks_that_end_at_once) {
    mock_host host(sluice_connector_v1);
    EXPECT_EQ(host.run("loop", {{"n", 100'000}}).output, json(100'000));
}

TEST(connector, lets_blocking_actions_wait_for_replies) {
    mock_host host(sluice_connector_v1);
    host.on("GET", "https://example.test/a")
        .reply(503, "")
        .after_ms(50)
        .reply(200, "")
        .after_ms(20);
    const call_result result = host.run("fetchBlocking", {{"url", "https://example.test/a"}});
    EXPECT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output, (json{{"first", 503}, {"second", 200}}));
    EXPECT_EQ(host.now_ms(), 70u);
}

TEST(connector, ends_cleanly_wherever_it_is_cancelled) {
    for (unsigned n = 0;; ++n) {
        mock_host host(sluice_connector_v1);
        host.on("GET", "https://example.test/items?page=1")
            .reply(200, R"({"items":[1],"more":true})");
        host.on("GET", "https://example.test/items?page=2").reply(200, R"({"items":[]})");
        const call_result result = host.run_cancelled_at(n, "pages", json::object());
        EXPECT_THAT(result.problems, IsEmpty());
        if (n > result.operations) break;
        EXPECT_EQ(result.error.code, SLUICE_CANCELLED) << n;
        ASSERT_LT(n, 10u);
    }
}

TEST(connector, cancels_a_waiting_blocking_action) {
    mock_host host(sluice_connector_v1);
    host.on("GET", "https://example.test/a").reply(200, "").after_ms(1000);
    const call_result result =
        host.run_cancelled_at(2, "fetchBlocking", {{"url", "https://example.test/a"}});
    EXPECT_EQ(result.error.code, SLUICE_CANCELLED);
    EXPECT_EQ(host.now_ms(), 1000u);
}

TEST(connector, may_finish_although_it_is_cancelled) {
    mock_host host(sluice_connector_v1);
    const call_result result = host.run_cancelled_at(1, "stubborn", json::object());
    EXPECT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output, (json{{"stopped", true}, {"cancelled", true}}));
    EXPECT_EQ(host.now_ms(), 0u);
}

TEST(connector, can_be_opened_several_times) {
    mock_host first(sluice_connector_v1);
    mock_host second(sluice_connector_v1);
    EXPECT_TRUE(first.run("count", json::object()).ok);
    EXPECT_TRUE(second.run("count", json::object()).ok);
    EXPECT_EQ(second.state("count"), json(1));
}

TEST(connector, has_the_actions_of_its_descriptor) {
    EXPECT_THAT(sluice::testing::descriptor_problems(*sluice_connector_v1(),
                                                     sluice::testing::embedded_descriptor()),
                IsEmpty());
}

TEST(connector, works_as_a_library) {
    mock_host host(sluice::testing::load_connector(SLUICE_SAMPLE_LIBRARY));
    EXPECT_EQ(host.run("echo", {{"a", 1}}).output, (json{{"a", 1}}));
}

TEST(connector, blocking_actions_read_and_write_files) {
    mock_host host(sluice_connector_v1);
    const json file = host.add_blob("text/plain", "hello blocking world");
    const call_result result = host.run("shoutBlocking", {{"file", file}});
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(host.blob_bytes(result.output["file"]), "HELLO BLOCKING WORLD");
    const call_result refused = host.run("shoutBlocking", {{"file", file}, {"sealTooSoon", true}});
    EXPECT_EQ(refused.error.code, SLUICE_CONFLICT);
    for (unsigned n = 0; n <= result.operations; ++n) {
        const call_result cancelled = host.run_cancelled_at(n, "shoutBlocking", {{"file", file}});
        EXPECT_THAT(cancelled.problems, IsEmpty()) << n;
    }
}

const json acme{{"type", "token"}, {"token", "acme"}};
const json other{{"type", "token"}, {"token", "other"}};

TEST(connector, uses_a_session_again) {
    mock_host host(sluice_connector_v1);
    EXPECT_EQ(host.run("useSession", {{"name", "a"}}, acme).output,
              (json{{"found", false}, {"name", "a"}, {"uses", 1}}));
    EXPECT_EQ(host.idle_sessions(), 1u);
    EXPECT_EQ(host.run("useSession", {{"name", "b"}}, acme).output,
              (json{{"found", true}, {"name", "a"}, {"uses", 2}}));
    EXPECT_EQ(host.idle_sessions(), 1u);
    host.run("useSession", {{"name", "c"}, {"broken", true}}, acme);
    EXPECT_EQ(host.idle_sessions(), 0u);
}

TEST(connector, sessions_of_other_connections_and_instances_are_not_found) {
    mock_host host(sluice_connector_v1);
    host.run("useSession", {{"name", "a"}}, acme);
    EXPECT_EQ(host.run("useSession", {{"name", "b"}}, other).output["found"], json(false));
    EXPECT_EQ(
        host.run("useSession", {{"name", "c"}}, acme, {.instance = "instance-2"}).output["found"],
        json(false));
    EXPECT_EQ(host.idle_sessions(), 3u);
}

TEST(connector, a_session_goes_when_it_was_idle_too_long) {
    mock_host host(sluice_connector_v1);
    host.run("useSession", {{"name", "a"}}, acme);
    host.pass_time(29'999);
    EXPECT_EQ(host.idle_sessions(), 1u);
    host.pass_time(1);
    EXPECT_EQ(host.idle_sessions(), 0u);
}

TEST(connector, sessions_of_a_connection_go_when_its_values_are_refused) {
    mock_host host(sluice_connector_v1);
    host.run("useSession", {{"name", "a"}}, acme);
    host.run("useSession", {{"name", "b"}}, other);
    host.run("useSession", {{"refused", true}}, acme);
    EXPECT_EQ(host.idle_sessions(), 1u);
    EXPECT_EQ(host.run("useSession", {{"name", "c"}}, other).output["name"], json("b"));
}

TEST(connector, a_session_asked_for_as_another_type_is_a_bug_that_shows) {
    mock_host host(sluice_connector_v1);
    host.run("useSession", json::object(), acme);
    const call_result result = host.run("useSession", {{"otherType", true}}, acme);
    EXPECT_EQ(result.error.code, SLUICE_INTERNAL);
    EXPECT_EQ(host.idle_sessions(), 0u);
}

}  // namespace
