// What a flow's envelope promises to senders: results, addresses, one address for several flows.
#include <gtest/gtest.h>

#include "engine/engine_testing.hpp"
#include "json/text.hpp"
#include "trigger/runs_address.hpp"
#include "trigger/webhook_testing.hpp"

namespace sluice::trigger {
namespace {

constexpr const char* one_address = R"(manifest: "1"
integration: { namespace: test, name: one-address, version: 1.0.0 }
connectors: { app: "*" }
config: { key: { type: secret, required: true } }
endpoint: { scope: instance, preprocess: pick }
flows:
  pick:
    trigger: { preprocess: {} }
    do:
      - known: { if: '${ .body.to == "broken" }', raise: { error: { type: "urn:bad", status: 418, title: Unusable } } }
      - choose: { set: "${ { flow: .body.to, input: .body.input, key: .body.key } }" }
  first:
    trigger: { webhook: { verify: { call: app.verify, with: { secret: { $ref: config.key } } } } }
    queue: { key: "${ .body.n }", dedupe: '${ .headers["x-id"] }' }
    do: [ { a: { call: app.save, with: { got: "${ . }" } } } ]
  second:
    trigger: { webhook: { respond: { mode: result } } }
    do: [ { b: { set: { hooks: "${ [$instance.webhooks[]] | unique | length }" } } } ]
  inner: { trigger: { call: {} }, do: [ { c: { set: 1 } } ] }
)";

constexpr const char* answers = R"(manifest: "1"
integration: { namespace: test, name: answers, version: 1.0.0 }
connectors: { app: "*" }
config: { key: { type: secret, required: true } }
flows:
  ask:
    trigger: { webhook: { respond: { mode: result, within: PT3S } } }
    do: [ { a: { call: app.ask } } ]
  kept:
    trigger: { webhook: {} }
    record: metadata
    do: [ { b: { set: { secret: "${ .body.secret }" } } } ]
  quick:
    trigger: { webhook: { respond: { mode: result, within: PT3S } } }
    record: none
    do: [ { c: { call: app.quick } } ]
  sum:
    trigger: { webhook: { respond: { mode: result } } }
    do: [ { known: { if: .body.bad, raise: { error: { type: "urn:bad", status: 422, title: Bad } } } }, { d: { set: { sum: "${ .body.a + .body.b }" } } } ]
  noted:
    trigger: { webhook: {} }
    do: [ { e: { set: "${ .body }" } } ]
  once:
    trigger: { webhook: { respond: { mode: result } } }
    queue: { dedupe: '${ .headers["x-id"] }' }
    do: [ { f: { set: "${ .body }" } } ]
)";

class envelope_test : public webhook_fixture {
  protected:
    void TearDown() override {
        trigger_.reset();
        runs_.reset();
        webhook_fixture::TearDown();
    }

    void serve(const char* manifest, engine::engine_options options = {},
               bool nearly_full = false) {
        TearDown();
        open_store(nearly_full);
        const std::string id(std::string_view(manifest).find("one-address") ==
                                     std::string_view::npos
                                 ? "answers"
                                 : "one-address");
        deploy({write("integration.yaml", manifest),
                write("instance.yaml", "instance: one\ncustomer: one\nintegration: test/" + id +
                                           "\nconfig: { key: { $env: KEY } }\n")},
               [](const std::string&) { return "s3cret"; });
        deployments_->set_public_url("https://host");
        start_engine(calls_, options);
        auto capabilities = run_capabilities::open(*store_, random_);
        ASSERT_TRUE(capabilities);
        runs_ = std::make_unique<runs_address>(
            runs_ports{loop_, *store_, *deployments_, *engine_, at_once}, *capabilities);
        trigger_ = std::make_unique<webhook>(
            webhook_ports{loop_, clock_, ids_, *store_, *deployments_, calls_, *engine_,
                          [](const std::string&, const auto*) { return nullptr; },
                          [this](store::event_id execution) { return runs_->url_of(execution); },
                          nullptr},
            webhook_options{});
        tell_ends();
    }
    using pending = std::shared_ptr<std::optional<net::http_response>>;

    // As the server does it: the head first, then the request.
    pending begin(net::http_request of) {
        auto out = std::make_shared<std::optional<net::http_response>>();
        const bool is_run = runs_address::is_here(of.path);
        *out = is_run ? runs_->on_head(of) : trigger_->on_head(of);
        if (*out) return out;
        const net::responder responder([out](net::http_response got) { *out = std::move(got); });
        if (is_run) {
            runs_->on_request(of, responder);
        } else {
            trigger_->on_request(std::move(of), responder);
        }
        return out;
    }
    net::http_response send(net::http_request of) {
        const pending out = begin(std::move(of));
        EXPECT_TRUE(base::wait_until([&] { return loop_.run_ready(), out->has_value(); }));
        return out->value_or(net::http_response{});
    }
    net::http_request hook(const std::string& flow, const std::string& body) {
        net::http_request out;
        out.method = "POST";
        out.path = path_of(flow);
        out.headers.add("content-type", "application/json");
        out.headers.add("x-id", "delivery");
        out.body = body;
        return out;
    }
    net::http_response at(const char* method, std::string_view address) {
        net::http_request out;
        out.method = method;
        out.path = address.substr(std::string_view("https://host").size());
        return send(std::move(out));
    }
    std::size_t stored() {
        auto all = store_->history({});
        return all ? all->size() : 999;
    }
    json::value state_at(const std::string& address) {
        return json::parse(at("GET", address).body).value();
    }

    engine::scripted_calls calls_{loop_, clock_};
    std::unique_ptr<runs_address> runs_;
};

TEST_F(envelope_test, past_its_own_deadline_a_flow_answers_with_an_address_that_tells_the_rest) {
    serve(answers);
    calls_.hang("app.ask");
    const pending waiting = begin(hook("ask", "{}"));
    ASSERT_TRUE(until([&] { return calls_.count("app.ask") == 1; }));
    loop_.advance_ms(2'999);
    EXPECT_FALSE(*waiting);
    loop_.advance_ms(1);
    loop_.run_ready();
    ASSERT_TRUE(*waiting);
    EXPECT_EQ((*waiting)->status, 202);
    const std::string address((*waiting)->headers.get("Location"));
    EXPECT_EQ(json::parse((*waiting)->body)->string_or("address", ""), address);
    EXPECT_EQ(state_at(address).get("ended"), json::value());
    EXPECT_EQ(engine_->stats().alive, 1u);

    EXPECT_EQ(at("DELETE", address).status, 202);
    ASSERT_TRUE(until([&] { return engine_->stats().cancelled == 1; }));
    EXPECT_EQ(state_at(address).string_or("state", ""), "cancelled");
    EXPECT_EQ(at("DELETE", address).status, 409);
}

TEST_F(envelope_test, an_address_tells_the_output_also_after_a_restart) {
    serve(answers);
    calls_.on("app.ask", {{"", base::error_code::not_found}});
    EXPECT_EQ(send(hook("ask", "{}")).status, 404);
    const store::event_id id = store_->history({}).value().front().id;
    const std::string address = runs_->url_of(id);
    serve(answers);
    EXPECT_EQ(runs_->url_of(id), address);
    const json::value state = state_at(address);
    EXPECT_EQ(state.string_or("state", ""), "failed");
    EXPECT_EQ(state.get("error").int_or("status", 0), 404);
    EXPECT_EQ(state.string_or("flow", ""), "ask");
}

TEST_F(envelope_test, whoever_does_not_know_the_address_learns_nothing) {
    serve(answers);
    send(hook("kept", "{}"));
    const store::event_id id = store_->history({}).value().front().id;
    const std::string address = runs_->url_of(id);
    const std::string other = runs_->url_of(id + 1);
    const std::string mixed = address.substr(0, address.find('.')) + other.substr(other.find('.'));
    for (const std::string& wrong : {address + "x", address.substr(0, address.size() - 1), mixed,
                                     std::string("https://host/runs/"), other}) {
        for (const char* method : {"GET", "DELETE", "POST"}) {
            if (wrong == other && method == std::string_view("POST")) continue;
            const net::http_response answer = at(method, wrong);
            EXPECT_EQ(answer.status, 404) << method << wrong;
            EXPECT_EQ(answer.body.find("detail"), std::string::npos);
        }
    }
    EXPECT_EQ(at("POST", address).headers.get("Allow"), "GET, HEAD, DELETE");
}

TEST_F(envelope_test, of_record_metadata_bodies_are_gone_after_the_end) {
    serve(answers);
    const net::http_response answer = send(hook("kept", R"({"secret":"s"})"));
    EXPECT_EQ(answer.status, 202);
    ASSERT_TRUE(until([&] { return engine_->stats().succeeded == 1; }));
    const json::value state = state_at(std::string(answer.headers.get("Location")));
    EXPECT_EQ(state.string_or("state", ""), "succeeded");
    EXPECT_EQ(state.find("output"), nullptr);
    const auto kept = store_->execution(store_->history({}).value().front().id);
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->payload_json, "");
    ASSERT_EQ(kept->steps.size(), 1u);
    EXPECT_EQ(kept->steps[0].name, "b");
    EXPECT_EQ(kept->steps[0].output_json, "");
}

TEST_F(envelope_test, of_record_none_nothing_is_written_and_the_answer_says_so) {
    serve(answers);
    calls_.on("app.quick", {{R"({"x":1})"}, {"", base::error_code::rate_limited}});
    for (const int status : {200, 429}) {
        const net::http_response answer = send(hook("quick", "{}"));
        EXPECT_EQ(answer.status, status);
        EXPECT_EQ(answer.headers.get("Sluice-Recorded"), "none");
    }
    calls_.hang("app.quick");
    const pending late = begin(hook("quick", "{}"));
    ASSERT_TRUE(until([&] { return calls_.count("app.quick") == 3; }));
    loop_.advance_ms(3'000);
    ASSERT_TRUE(until([&] { return late->has_value(); }));
    EXPECT_EQ((*late)->status, 504);
    EXPECT_EQ((*late)->headers.get("Sluice-Recorded"), "none");
    EXPECT_EQ(stored(), 0u);
    EXPECT_TRUE(until([&] { return calls_.dropped == 3; })) << "and their files go with them";
}

TEST_F(envelope_test, too_many_unrecorded_flows_at_once_are_refused) {
    engine::engine_options few;
    few.unrecorded = 1;
    serve(answers, few);
    calls_.hang("app.quick");
    begin(hook("quick", "{}"));
    ASSERT_TRUE(until([&] { return calls_.count("app.quick") == 1; }));
    const net::http_response refused = send(hook("quick", "{}"));
    EXPECT_EQ(refused.status, 429);
    EXPECT_TRUE(refused.headers.has("Retry-After"));
}

TEST_F(envelope_test, what_only_computes_is_accepted_and_ended_in_one_transaction) {
    serve(answers);
    const auto before = store_->health()->batches;
    const net::http_response answer = send(hook("sum", R"({"a":1,"b":2})"));
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, R"({"sum":3})");
    EXPECT_EQ(store_->health()->batches, before + 1);
    const auto all = store_->history({}).value();
    ASSERT_EQ(all.size(), 1u);
    EXPECT_EQ(all[0].state, store::event_state::succeeded);
    EXPECT_EQ(all[0].kind, "webhook");
    const auto kept = store_->execution(all[0].id).value();
    EXPECT_EQ(kept.output_json, R"({"sum":3})");
    EXPECT_EQ(kept.steps.size(), 1u);
    EXPECT_NE(kept.payload_json.find(R"("a":1)"), std::string::npos);

    const net::http_response fault = send(hook("sum", R"({"bad":true})"));
    EXPECT_EQ(fault.status, 422);
    EXPECT_EQ(store_->history({})->front().state, store::event_state::failed);
    EXPECT_EQ(engine_->stats().succeeded, 1u);
    EXPECT_EQ(engine_->stats().failed, 1u);
}

TEST_F(envelope_test, what_only_computes_is_over_when_its_acceptance_is_told) {
    serve(answers);
    const net::http_response answer = send(hook("noted", R"({"n":1})"));
    EXPECT_EQ(answer.status, 202);
    EXPECT_EQ(state_at(std::string(answer.headers.get("Location"))).string_or("state", ""),
              "succeeded");
}

TEST_F(envelope_test, what_only_computes_still_counts_as_one_delivery) {
    serve(answers);
    EXPECT_EQ(send(hook("once", R"({"n":1})")).body, R"({"n":1})");
    EXPECT_EQ(send(hook("once", R"({"n":1})")).headers.get("Location").empty(), false);
    EXPECT_EQ(stored(), 1u);
}

TEST_F(envelope_test, what_only_computes_is_refused_when_the_disk_is_nearly_full) {
    serve(answers, {}, true);
    for (const char* flow : {"sum", "noted"}) {
        const net::http_response refused = send(hook(flow, R"({"a":1,"b":2})"));
        EXPECT_EQ(refused.status, 503) << flow;
        EXPECT_TRUE(refused.headers.has("Retry-After"));
    }
    EXPECT_EQ(stored(), 0u);
    EXPECT_EQ(engine_->stats().alive, 0u);
    EXPECT_EQ(engine_->stats().succeeded, 0u);
}

TEST_F(envelope_test, one_address_serves_several_flows) {
    serve(one_address);
    ASSERT_EQ(deployments_->endpoints().size(), 1u);
    const net::http_response first =
        send(hook("pick", R"({"to":"first","input":{"mine":1},"key":7})"));
    EXPECT_EQ(first.status, 202);
    ASSERT_TRUE(until([&] { return calls_.count("app.save") == 1; }));
    EXPECT_EQ(calls_.calls().back().second.request.input_json, R"({"got":{"mine":1}})");
    const net::http_response second = send(hook("pick", R"({"to":"second"})"));
    EXPECT_EQ(second.status, 200);
    EXPECT_EQ(second.body, R"({"hooks":1})");
    EXPECT_EQ(stored(), 2u);
}

TEST_F(envelope_test, the_chosen_flow_verifies_before_anything_is_kept) {
    serve(one_address);
    calls_.on("app.verify", {{"", base::error_code::auth}});
    EXPECT_EQ(send(hook("pick", R"({"to":"first","input":{"mine":1}})")).status, 401);
    const json::value seen = json::parse(calls_.calls().front().second.request.input_json).value();
    EXPECT_EQ(seen.get("request").string_or("body", ""), R"({"to":"first","input":{"mine":1}})");
    EXPECT_EQ(stored(), 0u);
}

TEST_F(envelope_test, what_no_flow_takes_is_answered_as_such) {
    serve(one_address);
    EXPECT_EQ(send(hook("pick", R"({"to":null})")).status, 204);
    for (const char* body : {R"({"to":"third"})", R"({"to":"inner"})", R"({"to":"pick"})",
                             R"({"to":7})", R"({"to":""})"}) {
        const net::http_response answer = send(hook("pick", body));
        EXPECT_EQ(answer.status, 422) << body;
        EXPECT_EQ(answer.headers.get("content-type"), "application/problem+json");
    }
    const net::http_response fault = send(hook("pick", R"({"to":"broken"})"));
    EXPECT_EQ(fault.status, 422);
    EXPECT_EQ(json::parse(fault.body)->string_or("title", ""), "Unusable");
    EXPECT_EQ(send(hook("pick", "{")).status, 400);
    EXPECT_EQ(stored(), 0u);
}

}  // namespace
}  // namespace sluice::trigger
