// The result of an execution is delivered later: durable, signed, tried again.
#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "engine/engine_testing.hpp"
#include "json/text.hpp"

namespace sluice::engine {
namespace {

constexpr const char* manifest = R"(manifest: "1"
integration: { namespace: test, name: reports, version: 1.0.0 }
connectors: { app: "*" }
config: { key: { type: secret, required: true } }
flows:
  report:
    trigger: { webhook: {} }
    callback: { url: "${ .replyTo }", secret: { $ref: config.key } }
    do: [ { build: { call: app.build } } ]
  brief:
    trigger: { webhook: {} }
    record: metadata
    callback: { url: "http://receiver/brief", retry: { delay: PT10S, limit: { attempt: { count: 1 } } } }
    do: [ { build: { call: app.build } } ]
)";

constexpr const char* reply_to = R"({"replyTo":"http://receiver/done?x=1"})";

// Answers each request with the next status; the last one stays. 0: never answers.
class receiver final : public plugin::http_port {
  public:
    explicit receiver(base::event_loop& loop) : loop_(loop) {}
    std::uint64_t send(net::client_request request, done finished) override {
        requests.push_back(std::move(request));
        const int status = statuses.size() > 1 ? statuses.front() : statuses.back();
        if (statuses.size() > 1) statuses.erase(statuses.begin());
        if (status == 0) return requests.size();
        net::client_response response;
        response.status = status;
        response.headers = answer_fields;
        loop_.post([finished = std::move(finished), response] { finished(response); });
        return requests.size();
    }
    void cancel(std::uint64_t) override {}

    std::vector<int> statuses = {200};
    net::headers answer_fields;
    std::vector<net::client_request> requests;

  private:
    base::event_loop& loop_;
};

class callback_test : public testing::Test {
  protected:
    void SetUp() override {
        restart();
        world_.settings->secrets["key"] = "whsec_" + base::to_base64("the key");
    }
    void restart() {
        world_.crash();
        world_.other_http = &receiver_;
        world_.start();
    }
    std::vector<store::execution_summary> all() { return world_.store->history({}).value(); }
    store::execution_summary delivery() {
        for (const store::execution_summary& one : all()) {
            if (one.kind == "callback") return one;
        }
        return {};
    }
    static std::string signature_of(const net::client_request& request) {
        const std::string content = std::string(request.headers.get("webhook-id")) + "." +
                                    std::string(request.headers.get("webhook-timestamp")) + "." +
                                    request.body;
        return "v1," + base::to_base64(base::hmac_sha256("the key", content));
    }

    engine_world world_{manifest};
    receiver receiver_{world_.loop};
};

TEST_F(callback_test, the_result_is_posted_and_signed) {
    world_.calls.on("app.build", {{R"({"pages":3})"}});
    const store::event_id id = world_.send("report", reply_to);
    world_.run();
    ASSERT_EQ(receiver_.requests.size(), 1u);
    const net::client_request& got = receiver_.requests[0];
    EXPECT_EQ(got.method, "POST");
    EXPECT_EQ(got.url, "http://receiver/done?x=1");
    EXPECT_FALSE(got.follow_redirects);
    EXPECT_EQ(json::parse(got.body).value(),
              json::value::object({{"execution", base::execution_id_text(id)},
                                   {"flow", "report"},
                                   {"state", "succeeded"},
                                   {"output", json::value::object({{"pages", 3}})}}));
    EXPECT_EQ(got.headers.get("webhook-id"), base::execution_id_text(id));
    EXPECT_EQ(got.headers.get("webhook-timestamp"), std::to_string(world_.clock.unix_ms() / 1000));
    EXPECT_EQ(got.headers.get("webhook-signature"), signature_of(got));
    EXPECT_EQ(delivery().flow, "report.callback");
    EXPECT_EQ(delivery().state, store::event_state::succeeded);
    const auto kept = world_.execution(delivery().id);
    ASSERT_EQ(kept.steps.size(), 1u);
    EXPECT_EQ(kept.steps[0].input_json.find("the key"), std::string::npos);
}

TEST_F(callback_test, a_failed_execution_tells_its_error) {
    world_.calls.on("app.build", {{"", base::error_code::not_found}});
    const store::event_id id = world_.send("report", reply_to);
    world_.run();
    ASSERT_EQ(receiver_.requests.size(), 1u);
    const json::value body = json::parse(receiver_.requests[0].body).value();
    EXPECT_EQ(body.string_or("state", ""), "failed");
    EXPECT_EQ(body.get("error"), world_.error(id));
    EXPECT_EQ(body.find("output"), nullptr);
}

TEST_F(callback_test, nobody_is_called_without_an_address) {
    for (const char* payload : {R"({"replyTo":null})", R"({"replyTo":""})", "{}"})
        world_.send("report", payload);
    world_.run();
    EXPECT_TRUE(receiver_.requests.empty());
    EXPECT_EQ(all().size(), 3u);
}

TEST_F(callback_test, an_address_that_cannot_be_known_fails_the_delivery_alone) {
    const store::event_id no_object = world_.send("report", "[1]");
    const store::event_id no_text = world_.send("report", R"({"replyTo":7})");
    world_.run();
    EXPECT_TRUE(receiver_.requests.empty());
    world_.output(no_object);
    world_.output(no_text);
    int failed = 0;
    for (const store::execution_summary& one : all())
        failed += one.kind == "callback" && one.state == store::event_state::failed ? 1 : 0;
    EXPECT_EQ(failed, 2);
}

TEST_F(callback_test, is_tried_again_with_the_same_id_and_when_the_receiver_wants_it) {
    receiver_.statuses = {503, 500, 429, 200};
    receiver_.answer_fields.set("Retry-After", "600");
    const store::event_id id = world_.send("report", reply_to);
    const std::int64_t start = world_.clock.unix_ms();
    world_.run();
    ASSERT_EQ(receiver_.requests.size(), 4u);
    EXPECT_GE(world_.clock.unix_ms() - start, 3 * 600'000);
    for (const net::client_request& one : receiver_.requests) {
        EXPECT_EQ(one.headers.get("webhook-id"), base::execution_id_text(id));
        EXPECT_EQ(one.body, receiver_.requests[0].body);
        EXPECT_EQ(one.headers.get("webhook-signature"), signature_of(one));
    }
    EXPECT_EQ(delivery().state, store::event_state::succeeded);
    EXPECT_EQ(world_.execution(delivery().id).steps.size(), 4u);
}

TEST_F(callback_test, the_hosts_own_policy_gives_up_after_eight_tries) {
    receiver_.statuses = {302};
    world_.send("report", reply_to);
    world_.run();
    EXPECT_EQ(receiver_.requests.size(), 8u) << "a redirect is no success, and not followed";
    EXPECT_EQ(delivery().state, store::event_state::failed);
}

TEST_F(callback_test, a_receiver_that_is_gone_is_not_asked_again) {
    receiver_.statuses = {410};
    world_.send("report", reply_to);
    world_.run();
    EXPECT_EQ(receiver_.requests.size(), 1u);
    EXPECT_EQ(delivery().state, store::event_state::failed);
}

TEST_F(callback_test, the_flows_own_policy_holds_and_metadata_alone_is_kept) {
    receiver_.statuses = {503};
    world_.calls.on("app.build", {{R"({"pages":3})"}});
    const store::event_id id = world_.send("brief", "{}");
    world_.run();
    ASSERT_EQ(receiver_.requests.size(), 2u);
    EXPECT_FALSE(receiver_.requests[0].headers.has("webhook-signature"));
    for (const store::event_id one : {id, delivery().id}) {
        const auto kept = world_.execution(one);
        EXPECT_EQ(kept.payload_json, "");
        EXPECT_EQ(kept.output_json, "");
        for (const store::step_record& step : kept.steps) {
            EXPECT_EQ(step.input_json, "");
            EXPECT_EQ(step.output_json, "");
        }
    }
}

TEST_F(callback_test, survives_the_process) {
    receiver_.statuses = {0};
    world_.send("report", reply_to);
    for (int i = 0; i < 100 && receiver_.requests.empty(); ++i)
        world_.run_ready();
    ASSERT_EQ(receiver_.requests.size(), 1u);
    receiver_.statuses = {200};
    restart();
    world_.run();
    ASSERT_EQ(receiver_.requests.size(), 2u);
    EXPECT_EQ(receiver_.requests[1].body, receiver_.requests[0].body);
    EXPECT_EQ(delivery().state, store::event_state::succeeded);
}

TEST_F(callback_test, a_secret_without_value_sends_nothing_unsigned) {
    world_.settings->secrets["key"] = "";
    world_.send("report", reply_to);
    world_.run();
    EXPECT_TRUE(receiver_.requests.empty());
    EXPECT_EQ(delivery().state, store::event_state::failed);
}

TEST_F(callback_test, cancelled_executions_tell_it_also_when_they_never_started) {
    world_.calls.hang("app.build");
    const store::event_id first = world_.send("report", reply_to, "lane");
    const store::event_id second = world_.send("report", reply_to, "lane");
    for (int i = 0; i < 100 && world_.calls.count("app.build") == 0; ++i)
        world_.run_ready();
    EXPECT_TRUE(world_.host->cancel(second));
    EXPECT_TRUE(world_.host->cancel(first));
    world_.run();
    ASSERT_EQ(receiver_.requests.size(), 2u);
    for (const net::client_request& one : receiver_.requests)
        EXPECT_EQ(json::parse(one.body)->string_or("state", ""), "cancelled");
    EXPECT_FALSE(world_.host->cancel(first)) << "it is over";
}

TEST_F(callback_test, an_execution_that_kills_the_process_ends_as_any_other) {
    world_.calls.hang("app.build");
    const store::event_id id = world_.send("report", reply_to);
    const store::event_id innocent = world_.send("report", "{}");
    for (std::size_t deaths = 1; deaths <= 3; ++deaths) {
        for (int i = 0; i < 100 && world_.calls.count("app.build") < 2 * deaths; ++i)
            world_.run_ready();
        ASSERT_EQ(world_.calls.count("app.build"), 2 * deaths);
        world_.died_inside = {{id, store::death::crash}};
        if (deaths == 3) world_.calls.answer_from_now_on("app.build");
        restart();
    }
    world_.run();
    EXPECT_EQ(world_.calls.count("app.build"), 7u) << "the third death was the last";
    EXPECT_EQ(world_.execution(id).summary.state, store::event_state::quarantined);
    EXPECT_EQ(world_.execution(innocent).summary.state, store::event_state::succeeded);
    EXPECT_EQ(world_.end_counts[id], 1);
    ASSERT_EQ(receiver_.requests.size(), 1u);
    const json::value told = json::parse(receiver_.requests[0].body).value();
    EXPECT_EQ(told.string_or("state", ""), "failed");
    EXPECT_EQ(told.get("error").string_or("title", ""), "Quarantined");
    EXPECT_EQ(json::to_text(told.get("error")), world_.execution(id).summary.error_json);
}

TEST_F(callback_test, cancelling_what_is_over_leaves_its_delivery_alone) {
    receiver_.statuses = {503, 200};
    const store::event_id id = world_.send("report", reply_to);
    for (int i = 0; i < 100 && receiver_.requests.empty(); ++i)
        world_.run_ready();
    EXPECT_FALSE(world_.host->cancel(id));
    world_.run();
    EXPECT_EQ(delivery().state, store::event_state::succeeded);
}

}  // namespace
}  // namespace sluice::engine
