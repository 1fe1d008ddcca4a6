// The webhook trigger on a real store and real deployments; connectors are scripted.
#include "trigger/webhook_testing.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "engine/engine_testing.hpp"
#include "json/text.hpp"

namespace sluice::trigger {
namespace {

// Remembers whose blobs may go.
class watched_calls final : public engine::call_port {
  public:
    watched_calls(base::event_loop& loop, base::clock& clock) : script_(loop, clock) {}
    operation start(engine::connector_call call,
                    std::function<void(engine::connector_reply)> done) override {
        return script_.start(std::move(call), std::move(done));
    }
    void cancel(operation which) override { script_.cancel(which); }
    void forget(store::event_id execution) override { forgotten.push_back(execution); }
    engine::scripted_calls* operator->() { return &script_; }

    std::vector<store::event_id> forgotten;

  private:
    engine::scripted_calls script_;
};

// "app", whose action `verify` may verify.
std::shared_ptr<plugin::descriptor> app() {
    auto out = std::make_shared<plugin::descriptor>();
    out->id = "app";
    out->version = *plugin::parse_version("1.2.3");
    out->actions["verify"].verifier = true;
    out->actions["save"] = {};
    return out;
}

class webhook_test : public webhook_fixture {
  protected:
    void SetUp() override { make({}); }

    void make(webhook_options options) {
        TearDown();
        open_store();
        deploy({write("integration.yaml", R"(manifest: "1"
dsl: 1.0.3
integration: { namespace: test, name: hooks, version: 1.0.0 }
connectors: { app: "*" }
config: { key: { type: secret, required: true } }
flows:
  accept:
    trigger:
      webhook: { verify: { call: app.verify, with: { secret: { $ref: config.key } } } }
    queue: { key: "${ .body.lane }", dedupe: "${ .headers[\"x-id\"] }" }
    do: [ { call1: { call: app.save, with: { n: "${ .body.n }" } } } ]
  answer:
    trigger: { webhook: { respond: { mode: result } } }
    do: [ { call2: { call: app.ask } } ]
)"),
                write("instance.yaml",
                      "instance: one\ncustomer: one\nintegration: test/hooks\n"
                      "config: { key: { $env: KEY } }\n")},
               [](const std::string&) { return "s3cret-of-one"; });
        start_engine(calls_);
        trigger_ = std::make_unique<webhook>(
            webhook_ports{loop_, clock_, ids_, *store_, *deployments_, calls_, *engine_,
                          [this](const std::string&, const auto*) { return described_; },
                          [](store::event_id id) {
                              return "http://host/runs/" + base::execution_id_text(id);
                          },
                          nullptr},
            options);
        tell_ends();
    }
    net::http_request request(const std::string& flow, const std::string& body,
                              const std::string& id = {}) {
        net::http_request out;
        out.method = "POST";
        out.path = path_of(flow);
        out.headers.add("content-type", "application/json");
        if (!id.empty()) out.headers.add("x-id", id);
        out.body = body;
        return out;
    }
    // As the server does it: the head first, then the request; turns the loop until the answer.
    std::optional<net::http_response> send(net::http_request of, std::int64_t fake_ms = 0) {
        if (auto refused = trigger_->on_head(of)) return refused;
        const auto answer = std::make_shared<std::optional<net::http_response>>();
        trigger_->on_request(std::move(of), net::responder([answer](net::http_response got) {
                                 *answer = std::move(got);
                             }));
        if (fake_ms == 0) {
            base::wait_until([&] { return loop_.run_ready(), answer->has_value(); });
            return *answer;
        }
        base::wait_until([&] { return loop_.run_ready(), !calls_->calls().empty(); });
        loop_.advance_ms(fake_ms);
        loop_.run_ready();
        return *answer;
    }
    std::size_t stored() {
        auto all = store_->history({});
        return all ? all->size() : 999;
    }

    watched_calls calls_{loop_, clock_};
    std::shared_ptr<plugin::descriptor> described_ = app();
};

TEST_F(webhook_test, accepts_an_event_and_it_is_stored_when_the_answer_comes) {
    const auto answer = send(request("accept", R"({"n":5})"));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 202);
    EXPECT_EQ(stored(), 1u);
    const std::string id = json::parse(answer->body)->string_or("execution", "");
    EXPECT_TRUE(base::parse_execution_id(id)) << answer->body;
    EXPECT_TRUE(
        base::wait_until([&] { return loop_.run_ready(), engine_->stats().succeeded == 1; }));
    EXPECT_EQ(calls_->calls().back().second.request.input_json, R"({"n":5})");
}

TEST_F(webhook_test, gives_the_verifier_the_secret_and_the_raw_body) {
    ASSERT_TRUE(send(request("accept", "{ \"n\" : 1 }")));
    const json::value input =
        json::parse(calls_->calls().front().second.request.input_json).value();
    EXPECT_EQ(input.string_or("secret", ""), "s3cret-of-one");
    EXPECT_EQ(input.get("request").string_or("body", ""), "{ \"n\" : 1 }");
}

TEST_F(webhook_test, refuses_what_is_not_verified_without_saying_why_or_storing_anything) {
    calls_->on("app.verify", {{"", base::error_code::auth}});
    const auto forged = send(request("accept", "{}"));
    ASSERT_TRUE(forged);
    EXPECT_EQ(forged->status, 401);
    EXPECT_EQ(forged->body, "");
    calls_->on("app.verify", {{"", base::error_code::unavailable}});
    const auto later = send(request("accept", "{}"));
    ASSERT_TRUE(later);
    EXPECT_EQ(later->status, 503);
    EXPECT_TRUE(later->headers.has("Retry-After"));
    EXPECT_EQ(stored(), 0u);
    EXPECT_EQ(calls_->count("app.save"), 0u);
}

TEST_F(webhook_test, keeps_no_secret_that_stood_in_a_header_or_in_the_query) {
    net::http_request proven = request("accept", R"({"n":5})");
    proven.headers.add("x-gitlab-token", "s3cret-of-one");
    proven.query = "token=s3cret-of-one&page=2";
    ASSERT_TRUE(send(proven));
    const json::value verified =
        json::parse(calls_->calls().front().second.request.input_json).value();
    EXPECT_EQ(verified.get("request").get("headers").string_or("x-gitlab-token", ""),
              "s3cret-of-one");
    ASSERT_EQ(stored(), 1u);
    const auto kept = store_->payload(store_->history({})->front().id);
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->find("s3cret"), std::string::npos) << *kept;
    EXPECT_NE(kept->find(R"("page":"2")"), std::string::npos) << *kept;
}

TEST_F(webhook_test, asks_a_sender_for_what_the_verifier_wants_to_see) {
    const auto challenge = [&](const std::string& details) {
        calls_->on("app.verify", {{"", base::error_code::auth, 0, 0, details}});
        const auto refused = send(request("accept", "{}"));
        EXPECT_EQ(refused->status, 401);
        EXPECT_EQ(refused->body, "");
        return std::string(refused->headers.get("www-authenticate"));
    };
    EXPECT_EQ(challenge(R"({"challenge":"Basic realm=\"webhook\""})"), "Basic realm=\"webhook\"");
    for (const char* none : {"", "{}", R"({"challenge":7})", R"({"challenge":"a\r\nb: c"})"})
        EXPECT_EQ(challenge(none), "") << none;
    EXPECT_EQ(challenge(json::to_text(json::value::object({{"challenge", std::string(201, 'x')}}))),
              "");
}

TEST_F(webhook_test, refuses_broken_json_after_the_signature_and_before_the_store) {
    const auto answer = send(request("accept", "{"));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 400);
    EXPECT_EQ(calls_->count("app.verify"), 1u);
    EXPECT_EQ(stored(), 0u);
}

TEST_F(webhook_test, answers_unknown_addresses_and_methods_from_the_head_alone) {
    net::http_request wrong = request("accept", "{}");
    wrong.path += "x";
    EXPECT_EQ(send(wrong)->status, 404);
    net::http_request get = request("accept", "");
    get.method = "GET";
    const auto refused = send(get);
    EXPECT_EQ(refused->status, 405);
    EXPECT_EQ(refused->headers.get("Allow"), "POST");
    EXPECT_TRUE(calls_->calls().empty());
}

TEST_F(webhook_test, a_repeated_delivery_gets_the_first_executions_id) {
    const auto first = send(request("accept", R"({"n":1})", "d-1"));
    const auto again = send(request("accept", R"({"n":1})", "d-1"));
    const auto other = send(request("accept", R"({"n":1})", "d-2"));
    const auto changed = send(request("accept", R"({"n":2})", "d-1"));
    ASSERT_TRUE(first && again && other && changed);
    EXPECT_EQ(first->status, 202);
    EXPECT_EQ(again->status, 200);
    EXPECT_EQ(json::parse(again->body)->get("execution"),
              json::parse(first->body)->get("execution"));
    EXPECT_EQ(other->status, 202);
    EXPECT_EQ(changed->status, 202) << "losing an event is worse than having one too many";
    EXPECT_EQ(stored(), 3u);
}

TEST_F(webhook_test, a_synchronous_flow_answers_with_its_output) {
    calls_->on("app.ask", {{R"({"hello":"you"})"},
                           {R"({"status":201,"headers":{"x-a":"b"},"body":{"made":1}})"},
                           {"", base::error_code::not_found}});
    const auto plain = send(request("answer", "{}"));
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain->status, 200);
    EXPECT_EQ(plain->body, R"({"hello":"you"})");
    const auto shaped = send(request("answer", "{}"));
    EXPECT_EQ(shaped->status, 201);
    EXPECT_EQ(shaped->headers.get("x-a"), "b");
    EXPECT_EQ(shaped->body, R"({"made":1})");
    const auto failed = send(request("answer", "{}"));
    EXPECT_EQ(failed->status, 404);
    EXPECT_EQ(failed->headers.get("content-type"), "application/problem+json");
    EXPECT_EQ(stored(), 3u) << "synchronous events are on disk as well";
}

TEST_F(webhook_test, a_synchronous_flow_past_its_time_answers_202_and_goes_on) {
    calls_->hang("app.ask");
    const auto answer = send(request("answer", "{}"), 10'000);
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 202);
    EXPECT_TRUE(json::parse(answer->body)->get("execution").is_string());
    EXPECT_EQ(engine_->stats().alive, 1u);
}

TEST_F(webhook_test, when_the_host_ends_callers_get_the_address_of_their_execution) {
    calls_->hang("app.ask");
    std::optional<net::http_response> waiting;
    trigger_->on_request(request("answer", "{}"),
                         net::responder([&](net::http_response got) { waiting = got; }));
    ASSERT_TRUE(base::wait_until([&] { return loop_.run_ready(), calls_->count("app.ask") == 1; }));
    EXPECT_FALSE(waiting);
    trigger_->answer_callers();
    ASSERT_TRUE(waiting);
    EXPECT_EQ(waiting->status, 202);
    EXPECT_TRUE(json::parse(waiting->body)->get("execution").is_string());
    const auto later = send(request("answer", "{}"));
    ASSERT_TRUE(later);
    EXPECT_EQ(later->status, 202);
    EXPECT_EQ(stored(), 2u);
}

TEST_F(webhook_test, says_429_when_too_much_waits) {
    webhook_options options;
    options.largest_backlog = 0;
    make(options);
    const auto answer = send(request("accept", "{}"));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 429);
    EXPECT_TRUE(answer->headers.has("Retry-After"));
    EXPECT_EQ(stored(), 0u);
}

TEST_F(webhook_test, an_action_that_is_no_verifier_lets_nothing_in) {
    described_->actions["verify"].verifier = false;
    const auto answer = send(request("accept", "{}"));
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->status, 500);
    EXPECT_TRUE(calls_->calls().empty());
    EXPECT_EQ(stored(), 0u);
}

TEST_F(webhook_test, a_verifier_that_answers_verified_false_refuses) {
    calls_->on("app.verify",
               {{R"({"verified":false})"}, {R"({"verified":"no"})"}, {R"({"verified":true})"}});
    for (const int expected : {401, 401, 202}) {
        const auto answer = send(request("accept", "{}"));
        ASSERT_TRUE(answer);
        EXPECT_EQ(answer->status, expected);
    }
    EXPECT_EQ(stored(), 1u);
}

TEST_F(webhook_test, a_verifier_has_durable_state_and_blobs_of_its_own) {
    ASSERT_TRUE(send(request("accept", "{}")));
    ASSERT_TRUE(send(request("accept", "{}")));
    std::vector<plugin::call_scope> scopes;
    for (const auto& [function, call] : calls_->calls()) {
        if (function == "app.verify") scopes.push_back(call.request.scope);
    }
    ASSERT_EQ(scopes.size(), 2u);
    EXPECT_EQ(scopes[0].partition, store::partition_of("one"));
    EXPECT_EQ(scopes[0].epoch, store_->acquire(scopes[0].partition).value());
    EXPECT_NE(scopes[0].execution, 0u);
    EXPECT_NE(scopes[0].execution, scopes[1].execution);
    for (const plugin::call_scope& one : scopes) {
        EXPECT_EQ(std::ranges::count(calls_.forgotten, one.execution), 1);
    }
}

TEST_F(webhook_test, refused_signatures_shut_an_address_for_the_rest_of_the_minute) {
    webhook_options options;
    options.endpoint.failures_per_minute = 2;
    make(options);
    calls_->on("app.verify", {{"", base::error_code::auth},
                              {"", base::error_code::unavailable},
                              {"", base::error_code::invalid_input},
                              {"{}"}});
    EXPECT_EQ(send(request("accept", "{}"))->status, 401);
    EXPECT_EQ(send(request("accept", "{}"))->status, 503) << "not the sender's fault";
    EXPECT_EQ(send(request("accept", "{}"))->status, 400);
    const auto shut = send(request("accept", "{}"));
    EXPECT_EQ(shut->status, 429);
    EXPECT_EQ(shut->headers.get("Retry-After"), "61");
    EXPECT_EQ(calls_->count("app.verify"), 3u);
    EXPECT_EQ(send(request("answer", "{}"))->status, 200) << "other addresses stay open";
    loop_.advance_ms(60'000);
    EXPECT_EQ(send(request("accept", "{}"))->status, 202);
}

TEST_F(webhook_test, an_address_takes_so_many_requests_at_once) {
    webhook_options options;
    options.endpoint.requests_at_once = 2;
    make(options);
    calls_->hang("app.ask");
    int answered = 0;
    const auto open = [&] {
        trigger_->on_request(request("answer", "{}"),
                             net::responder([&](net::http_response) { ++answered; }));
    };
    open();
    open();
    const auto refused = send(request("answer", "{}"));
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status, 429);
    EXPECT_TRUE(refused->headers.has("Retry-After"));
    EXPECT_EQ(send(request("accept", "{}"))->status, 202) << "other addresses have their own";
    ASSERT_TRUE(base::wait_until([&] { return loop_.run_ready(), calls_->count("app.ask") == 2; }));
    loop_.advance_ms(10'000);
    loop_.run_ready();
    EXPECT_EQ(answered, 2);
    EXPECT_FALSE(trigger_->on_head(request("answer", "{}"))) << "answered requests make room";
}

}  // namespace
}  // namespace sluice::trigger
