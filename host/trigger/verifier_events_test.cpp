// What verifiers may say beyond yes and no, on a real store; the verifier is scripted.
#include <gtest/gtest.h>

#include <algorithm>

#include "engine/engine_testing.hpp"
#include "json/text.hpp"
#include "trigger/webhook_testing.hpp"

namespace sluice::trigger {
namespace {

constexpr const char* head = R"(manifest: "1"
integration: { namespace: test, name: hooks, version: 1.0.0 }
connectors: { app: "*" }
)";

constexpr const char* flows = R"(
flows:
  plain:
    trigger: { webhook: { verify: { call: app.verify } } }
    do: [ { a: { call: app.save, with: { got: "${ . }" } } } ]
  ruled:
    trigger: { webhook: { verify: { call: app.verify } } }
    queue: { key: "${ .body.lane }", dedupe: "${ .body.id }" }
    do: [ { b: { call: app.save, with: { got: "${ .body }" } } } ]
  answer:
    trigger: { webhook: { verify: { call: app.verify }, respond: { mode: result, within: PT3S } } }
    do: [ { c: { call: app.ask, with: { got: "${ .body }" } } } ]
  unrecorded:
    trigger: { webhook: { verify: { call: app.verify }, respond: { mode: result, within: PT3S } } }
    record: none
    do: [ { d: { call: app.quick, with: { got: "${ .body }" } } } ]
  sum:
    trigger: { webhook: { verify: { call: app.verify } } }
    do: [ { e: { set: "${ .body }" } } ]
  signed:
    trigger: { webhook: { verify: { call: app.sign } } }
    do: [ { f: { call: app.save } } ]
  open:
    trigger: { webhook: {} }
    do: [ { g: { call: app.save } } ]
)";

constexpr const char* choosing = R"(
endpoint: { scope: instance, preprocess: pick }
flows:
  pick:
    trigger: { preprocess: {} }
    do:
      - choose:
          set:
            flow: '${ .query.flow // "first" }'
            input: "${ { mine: 1 } }"
            key: "${ .query.key }"
  first:
    trigger: { webhook: { verify: { call: app.verify } } }
    queue: { key: "${ .body.lane }" }
    do: [ { a: { call: app.save, with: { got: "${ . }" } } } ]
  signed:
    trigger: { webhook: { verify: { call: app.sign } } }
    do: [ { f: { call: app.save } } ]
)";

constexpr const char* everybody = R"(
endpoint: { scope: shared, route: .query.who }
flows:
  main:
    trigger: { webhook: { verify: { call: app.verify } } }
    do: [ { a: { call: app.save, with: { got: "${ .body }", who: "${ $instance.customer }" } } } ]
)";

// "app": `verify` also shakes hands, `sign` does not.
std::shared_ptr<plugin::descriptor> app() {
    auto out = std::make_shared<plugin::descriptor>();
    out->id = "app";
    out->version = *plugin::parse_version("1.2.3");
    out->actions["verify"].verifier = true;
    out->actions["verify"].handshake = true;
    out->actions["sign"].verifier = true;
    return out;
}

class verifier_events_test : public webhook_fixture {
  protected:
    void serve(const std::string& rest = flows, bool nearly_full = false) {
        open_store(nearly_full);
        std::vector<std::filesystem::path> files = {write("integration.yaml", head + rest)};
        for (const std::string name : {"one", "two"}) {
            files.push_back(write(name + ".yaml", "instance: " + name + "\ncustomer: of-" + name +
                                                      "\nintegration: test/hooks\n"));
        }
        deploy(files, [](const std::string&) { return std::nullopt; });
        start_engine(calls_);
        trigger_ = std::make_unique<webhook>(
            webhook_ports{loop_, clock_, ids_, *store_, *deployments_, calls_, *engine_,
                          [this](const std::string&, const auto*) { return described_; },
                          [](store::event_id id) {
                              return "http://host/runs/" + base::execution_id_text(id);
                          },
                          nullptr},
            options_);
        tell_ends();
    }
    net::http_request request(const std::string& flow, const std::string& body = "<xml/>",
                              const char* method = "POST") {
        net::http_request out;
        out.method = method;
        out.path =
            path_of(flow, [](const instance::endpoint& one) { return one.instance != "two"; });
        out.headers.add("content-type", "application/json");
        out.headers.add("authorization", "Bearer of-the-sender");
        out.headers.add("x-topic", "orders");
        out.body = body;
        return out;
    }
    using pending = std::shared_ptr<std::optional<net::http_response>>;
    // As the server does it: the head first, then the request.
    pending begin(net::http_request of) {
        auto out = std::make_shared<std::optional<net::http_response>>();
        *out = trigger_->on_head(of);
        if (*out) return out;
        trigger_->on_request(std::move(of), net::responder([out](net::http_response got) {
                                 *out = std::move(got);
                             }));
        return out;
    }
    net::http_response send(net::http_request of) {
        const pending out = begin(std::move(of));
        EXPECT_TRUE(until([&] { return out->has_value(); }));
        return out->value_or(net::http_response{});
    }
    net::http_response send(const std::string& flow, const std::string& said) {
        calls_.on("app.verify", {{said}});
        return send(request(flow));
    }
    net::http_response get(const std::string& flow, const std::string& query = {}) {
        net::http_request of = request(flow, "", "GET");
        of.query = query;
        return send(std::move(of));
    }
    // The inputs of the calls of one function, in order, once there are so many.
    std::vector<json::value> inputs(const std::string& function, std::size_t count) {
        EXPECT_TRUE(until([&] { return calls_.count(function) >= count; })) << function;
        std::vector<json::value> out;
        for (const auto& [name, call] : calls_.calls()) {
            if (name == function) out.push_back(json::parse(call.request.input_json).value());
        }
        return out;
    }
    std::vector<store::execution_summary> stored() { return store_->history({}).value(); }

    engine::scripted_calls calls_{loop_, clock_};
    std::shared_ptr<plugin::descriptor> described_ = app();
    webhook_options options_;
};

TEST_F(verifier_events_test, the_events_of_a_request_are_one_transaction) {
    serve();
    calls_.on("app.verify", {{R"({"events":[{},{},{}]})"}});
    const auto before = store_->health()->batches;
    std::uint64_t when_told = 0;  // the executions, which begin after it, write as well
    trigger_->on_request(request("plain"), net::responder([&](const net::http_response&) {
                             when_told = store_->health()->batches;
                         }));
    ASSERT_TRUE(until([&] { return when_told != 0; }));
    EXPECT_EQ(when_told, before + 1);
    EXPECT_EQ(stored().size(), 3u);
}

TEST_F(verifier_events_test, one_request_becomes_several_executions) {
    serve();
    const auto answer = send("plain", R"({"events":[{"body":{"n":1}},{"body":"two"},{}]})");
    EXPECT_EQ(answer.status, 202);
    const json::value told = json::parse(answer.body).value().get("executions");
    ASSERT_EQ(told.size(), 3u);
    EXPECT_EQ(stored().size(), 3u);
    EXPECT_EQ(told.at(0).string_or("execution", ""), base::execution_id_text(stored().back().id));
    EXPECT_EQ(told.at(2).string_or("address", ""),
              "http://host/runs/" + told.at(2).string_or("execution", ""));

    const auto saved = inputs("app.save", 3);
    ASSERT_EQ(saved.size(), 3u);
    const json::value& first = saved[0].get("got");
    EXPECT_EQ(json::to_text(first.get("body")), R"({"n":1})");
    EXPECT_EQ(first.string_or("method", ""), "POST");
    EXPECT_EQ(first.get("headers").string_or("x-topic", ""), "orders");
    EXPECT_EQ(first.get("headers").find("authorization"), nullptr) << "flows see no credentials";
    EXPECT_EQ(saved[1].get("got").string_or("body", ""), "two");
    EXPECT_TRUE(saved[2].get("got").get("body").is_null());
}

TEST_F(verifier_events_test, one_event_is_answered_like_the_request_itself) {
    serve();
    const auto answer = send("plain", R"({"events":[{"body":1}]})");
    EXPECT_EQ(answer.status, 202);
    EXPECT_TRUE(answer.headers.has("Location"));
    EXPECT_TRUE(json::parse(answer.body)->get("execution").is_string());
}

TEST_F(verifier_events_test, the_body_need_not_be_what_its_type_says_when_there_are_events) {
    serve();
    EXPECT_EQ(send("plain", R"({"verified":true})").status, 400);
    EXPECT_EQ(send("plain", R"({"events":[{"body":1}]})").status, 202);
}

TEST_F(verifier_events_test, the_acknowledgement_comes_when_the_events_are_on_disk) {
    serve();
    const std::string yes =
        R"({"events":[{"dedupe":"a"},{"dedupe":"b"}],)"
        R"("acknowledge":{"status":201,"headers":{"Content-Type":"text/xml"},"body":"<Ack/>"}})";
    for (int round = 0; round < 2; ++round) {
        const auto answer = send("plain", yes);
        EXPECT_EQ(answer.status, 201);
        EXPECT_EQ(answer.headers.get("content-type"), "text/xml");
        EXPECT_EQ(answer.body, "<Ack/>");
        EXPECT_EQ(stored().size(), 2u) << "what was here before is acknowledged, too";
    }
    EXPECT_EQ(send("plain", R"({"acknowledge":{"body":"ok"},"events":[]})").body, "ok");
    calls_.on("app.verify", {{R"({"acknowledge":{"body":"ok"}})"}});
    EXPECT_EQ(send(request("plain", "{}")).body, "ok") << "the request itself is the event";
    EXPECT_EQ(stored().size(), 3u);
}

TEST_F(verifier_events_test, nothing_is_acknowledged_that_the_store_refuses) {
    serve(flows, true);
    for (const char* said : {R"({"events":[{},{}],"acknowledge":{}})",
                             R"({"events":[{}],"acknowledge":{}})", R"({"events":[{},{}]})"}) {
        const auto answer = send("plain", said);
        EXPECT_EQ(answer.status, 503) << said;
        EXPECT_TRUE(answer.headers.has("Retry-After"));
    }
    EXPECT_EQ(send("sum", R"({"events":[{}],"acknowledge":{}})").status, 503);
    EXPECT_EQ(stored().size(), 0u);
    EXPECT_EQ(calls_.count("app.save"), 0u);
}

TEST_F(verifier_events_test, no_events_keep_nothing) {
    serve();
    const auto answer = send("plain", R"({"events":[]})");
    EXPECT_EQ(answer.status, 202);
    EXPECT_EQ(answer.body, R"({"executions":[]})");
    EXPECT_EQ(stored().size(), 0u);
}

TEST_F(verifier_events_test, what_was_here_before_is_left_out_of_a_request) {
    serve();
    const auto first = send("plain", R"({"events":[{"body":1,"dedupe":"a"}]})");
    const auto mixed = send(
        "plain",
        R"({"events":[{"body":9,"dedupe":"a"},{"body":2,"dedupe":"b"},{"body":3,"dedupe":"b"}]})");
    EXPECT_EQ(mixed.status, 202);
    const json::value told = json::parse(mixed.body).value().get("executions");
    EXPECT_EQ(told.at(0).get("execution"), json::parse(first.body).value().get("execution"))
        << "the verifier's key alone counts, whatever else has changed";
    EXPECT_TRUE(told.at(0).bool_or("duplicate", false));
    EXPECT_FALSE(told.at(1).bool_or("duplicate", false));
    EXPECT_EQ(told.at(2).get("execution"), told.at(1).get("execution"));
    EXPECT_EQ(stored().size(), 2u);
    ASSERT_TRUE(until([&] {
        return engine_->stats().succeeded >= 2 && engine_->stats().alive == 0 &&
               engine_->stats().queued == 0;
    }));
    EXPECT_EQ(calls_.count("app.save"), 2u) << "what was here before does not run again";
    const auto again = send("plain", R"({"events":[{"dedupe":"a"},{"dedupe":"b"}]})");
    EXPECT_EQ(again.status, 200);
    EXPECT_EQ(stored().size(), 2u);
}

TEST_F(verifier_events_test, the_flows_own_queue_counts_before_the_verifiers_keys) {
    serve();
    send("ruled", R"({"events":[{"body":{"id":"a","lane":"x"},"dedupe":"1","key":"1"},)"
                  R"({"body":{"id":"b","lane":"y"},"dedupe":"1","key":"1"}]})");
    ASSERT_EQ(stored().size(), 2u) << "the ids differ, whatever the verifier says";
    EXPECT_EQ(stored()[1].lane_key, "x");
    EXPECT_EQ(stored()[0].lane_key, "y");
    send("ruled", R"({"events":[{"body":{"id":"a","lane":"x"},"dedupe":"2"}]})");
    EXPECT_EQ(stored().size(), 2u) << "the same id and body again";
    send("plain", R"({"events":[{"key":"k"}]})");
    EXPECT_EQ(stored()[0].lane_key, "k");
}

TEST_F(verifier_events_test, an_event_that_fits_no_queue_rule_refuses_them_all) {
    serve();
    const auto answer = send("ruled", R"({"events":[{"body":{"id":"a"}},{"body":"text"}]})");
    EXPECT_EQ(answer.status, 422);
    EXPECT_EQ(stored().size(), 0u);
}

TEST_F(verifier_events_test, a_response_is_given_at_once_and_nothing_is_kept) {
    serve();
    for (const char* flow : {"plain", "answer", "unrecorded", "sum"}) {
        const auto answer = send(flow, R"({"respond":{"status":410,"body":"gone"}})");
        EXPECT_EQ(answer.status, 410) << flow;
        EXPECT_EQ(answer.body, "gone") << flow;
    }
    EXPECT_EQ(stored().size(), 0u);
    EXPECT_EQ(calls_.calls().size(), 4u) << "the verifiers alone";
}

TEST_F(verifier_events_test, whoever_is_not_verified_has_no_events) {
    serve();
    EXPECT_EQ(send("plain", R"({"verified":false,"events":[{}],"respond":null})").status, 401);
    EXPECT_EQ(send("plain", R"({"verified":false,"respond":{"body":"hello"}})").body, "");
    EXPECT_EQ(stored().size(), 0u);
}

TEST_F(verifier_events_test, what_a_verifier_says_wrongly_is_its_connectors_fault) {
    options_.endpoint.failures_per_minute = 1;
    serve();
    for (const char* said : {R"({"events":7})", R"({"events":[{"dedupe":7}]})",
                             R"({"respond":{"status":99}})", R"({"acknowledge":{"status":500}})"}) {
        EXPECT_EQ(send("plain", said).status, 500) << said;
    }
    EXPECT_EQ(stored().size(), 0u);
    EXPECT_EQ(calls_.count("app.save"), 0u);
}

TEST_F(verifier_events_test, events_that_are_too_large_with_their_headers_are_refused) {
    serve();
    std::string all;
    for (int i = 0; i < 1000; ++i)
        all += (i == 0 ? "" : ",") + (R"({"body":")" + std::string(2'000, 'x') + R"("})");
    calls_.on("app.verify", {{R"({"events":[)" + all + "]}"}});
    net::http_request large = request("plain");
    large.headers.add("x-large", std::string(15'000, 'h'));
    EXPECT_EQ(send(large).status, 500);
    EXPECT_EQ(stored().size(), 0u);
    EXPECT_EQ(send(request("plain")).status, 202) << "without that header they fit";
}

TEST_F(verifier_events_test, many_events_keep_their_order_in_a_lane) {
    serve();
    std::string all;
    for (int i = 0; i < 200; ++i) {
        all += (i == 0 ? "" : ",");
        all += R"({"key":"k","body":)" + std::to_string(i) + "}";
    }
    EXPECT_EQ(send("plain", R"({"events":[)" + all + "]}").status, 202);
    const auto saved = inputs("app.save", 200);
    ASSERT_EQ(saved.size(), 200u);
    for (int i = 0; i < 200; ++i)
        EXPECT_EQ(saved[static_cast<std::size_t>(i)].get("got").int_or("body", -1), i);
}

TEST_F(verifier_events_test, a_sender_that_waits_gets_the_result_of_one_event) {
    serve();
    calls_.on("app.ask", {{R"({"hello":"you"})"}});
    const auto one = send("answer", R"({"events":[{"body":5}],"acknowledge":{"body":"ok"}})");
    EXPECT_EQ(one.body, R"({"hello":"you"})");
    EXPECT_EQ(json::to_text(inputs("app.ask", 1)[0]), R"({"got":5})");
    const auto two = send("answer", R"({"events":[{},{}],"acknowledge":{"body":"ok"}})");
    EXPECT_EQ(two.body, "ok");
    const auto bare = send("answer", R"({"events":[{},{}]})");
    EXPECT_EQ(bare.status, 202);
    EXPECT_EQ(json::parse(bare.body)->get("executions").size(), 2u);
    EXPECT_EQ(stored().size(), 5u);
}

TEST_F(verifier_events_test, a_waiting_sender_of_what_was_here_before_gets_the_acknowledgement) {
    serve();
    const char* said = R"({"events":[{"dedupe":"a"}],"acknowledge":{"body":"ok"}})";
    EXPECT_EQ(send("answer", said).body, "{}");
    EXPECT_EQ(send("answer", said).body, "ok");
    EXPECT_EQ(stored().size(), 1u);
}

TEST_F(verifier_events_test, flows_without_records_run_each_event_before_the_answer) {
    serve();
    const char* three = R"({"events":[{"body":1},{"body":2},{"body":3}]})";
    const auto done = send("unrecorded", three);
    EXPECT_EQ(done.status, 200);
    EXPECT_EQ(done.headers.get("Sluice-Recorded"), "none");
    EXPECT_EQ(calls_.count("app.quick"), 3u);
    EXPECT_EQ(send("unrecorded", R"({"events":[{},{}],"acknowledge":{"body":"ok"}})").body, "ok");
    EXPECT_EQ(send("unrecorded", R"({"events":[],"acknowledge":{"body":"ok"}})").body, "ok");
    EXPECT_EQ(calls_.count("app.quick"), 5u);

    calls_.on("app.quick", {{R"({"x":1})"}, {"", base::error_code::not_found}});
    const auto failed = send("unrecorded", three);
    EXPECT_EQ(failed.status, 404) << "the sender may send all of them again";
    EXPECT_EQ(calls_.count("app.quick"), 7u) << "nothing more runs then";
    calls_.on("app.quick", {{R"({"x":1})"}});
    EXPECT_EQ(send("unrecorded", R"({"events":[{}],"acknowledge":{}})").body, R"({"x":1})");
    EXPECT_EQ(stored().size(), 0u);
}

TEST_F(verifier_events_test, flows_without_records_share_their_time_among_the_events) {
    serve();
    calls_.on("app.verify", {{R"({"events":[{},{}]})"}});
    calls_.hang("app.quick");
    const pending late = begin(request("unrecorded"));
    ASSERT_TRUE(until([&] { return calls_.count("app.quick") == 1; }));
    loop_.advance_ms(2'999);
    loop_.run_ready();
    EXPECT_FALSE(*late);
    loop_.advance_ms(1);
    ASSERT_TRUE(until([&] { return late->has_value(); }));
    EXPECT_EQ((*late)->status, 504);
    EXPECT_EQ(calls_.count("app.quick"), 1u);
}

TEST_F(verifier_events_test, flows_that_only_compute_take_events_as_well) {
    serve();
    EXPECT_EQ(send("sum", R"({"events":[{"body":1}]})").status, 202);
    EXPECT_EQ(stored()[0].state, store::event_state::succeeded) << "over when it is told";
    EXPECT_EQ(send("sum", R"({"events":[{"body":2}],"acknowledge":{"body":"ok"}})").body, "ok");
    EXPECT_EQ(send("sum", R"({"events":[{"body":3},{"body":4}]})").status, 202);
    ASSERT_TRUE(until([&] { return engine_->stats().succeeded == 4; }));
    EXPECT_EQ(store_->execution(stored()[0].id)->output_json, "4");
}

TEST_F(verifier_events_test, behind_a_preprocess_flow_events_replace_its_input_and_its_key_counts) {
    serve(choosing);
    calls_.on("app.verify", {{R"({"events":[{"body":{"lane":"own"},"key":"v"}]})"}});
    net::http_request of = request("pick", "{}");
    of.query = "key=chosen";
    EXPECT_EQ(send(of).status, 202);
    EXPECT_EQ(stored()[0].lane_key, "chosen");
    EXPECT_EQ(json::to_text(inputs("app.save", 1)[0].get("got").get("body")), R"({"lane":"own"})");
    EXPECT_EQ(send(request("pick", "{}")).status, 202);
    EXPECT_EQ(stored()[0].lane_key, "own");
    calls_.on("app.verify", {{R"({"verified":true})"}});
    EXPECT_EQ(send(request("pick", R"({"lane":"z"})")).status, 202);
    EXPECT_EQ(json::to_text(inputs("app.save", 3)[2].get("got")), R"({"mine":1})");
}

TEST_F(verifier_events_test, at_a_shared_address_the_verifier_of_the_named_instance_speaks) {
    serve(everybody);
    calls_.on("app.verify", {{R"({"events":[{"body":1},{"body":2}]})"}});
    net::http_request of = request("main", "{}");
    of.query = "who=two";
    EXPECT_EQ(send(of).status, 202);
    const auto saved = inputs("app.save", 2);
    EXPECT_EQ(json::to_text(saved[0]), R"({"got":1,"who":"of-two"})");
    EXPECT_EQ(stored()[0].instance, "two");
}

TEST_F(verifier_events_test, get_reaches_a_verifier_that_shakes_hands) {
    serve();
    calls_.on("app.verify", {{R"({"respond":{"body":"c-17","headers":{"X-A":"b"}}})"}});
    const auto answer = get("plain", "challenge=c-17");
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.body, "c-17");
    EXPECT_EQ(answer.headers.get("x-a"), "b");
    const json::value seen = inputs("app.verify", 1)[0].get("request");
    EXPECT_EQ(seen.string_or("method", ""), "GET");
    EXPECT_EQ(seen.get("query").string_or("challenge", ""), "c-17");
    EXPECT_EQ(stored().size(), 0u);
}

TEST_F(verifier_events_test, get_is_405_where_nobody_shakes_hands_and_where_it_is_not_answered) {
    serve();
    for (const char* flow : {"signed", "open"}) {
        const auto answer = get(flow);
        EXPECT_EQ(answer.status, 405) << flow;
        EXPECT_EQ(answer.headers.get("Allow"), "POST");
    }
    EXPECT_TRUE(calls_.calls().empty());
    for (const char* said : {R"({"verified":true})", R"({"events":[{}],"acknowledge":{}})"}) {
        calls_.on("app.verify", {{said}});
        EXPECT_EQ(get("plain").status, 405) << said;
    }
    calls_.on("app.verify", {{"", base::error_code::auth}});
    EXPECT_EQ(get("plain").status, 401);
    EXPECT_EQ(stored().size(), 0u);
    for (const char* method : {"HEAD", "PUT", "DELETE", "OPTIONS"}) {
        EXPECT_EQ(send(request("plain", "", method)).status, 405) << method;
    }
}

TEST_F(verifier_events_test, get_counts_against_the_limits_of_the_address) {
    options_.endpoint.failures_per_minute = 2;
    options_.endpoint.requests_at_once = 1;
    serve();
    calls_.hang("app.verify");
    const pending first = begin(request("plain", "", "GET"));
    ASSERT_TRUE(until([&] { return calls_.count("app.verify") == 1; }));
    EXPECT_EQ(get("plain").status, 429);
    loop_.advance_ms(20'000);
    ASSERT_TRUE(until([&] { return first->has_value(); }));
    calls_.answer_from_now_on("app.verify");
    calls_.on("app.verify", {{"", base::error_code::auth}});
    EXPECT_EQ(get("plain").status, 401);
    EXPECT_EQ(get("plain").status, 401);
    EXPECT_EQ(get("plain").status, 429);
    EXPECT_EQ(send(request("plain")).status, 429);
}

TEST_F(verifier_events_test, get_reaches_the_flow_that_a_preprocess_flow_or_a_route_names) {
    serve(choosing);
    calls_.on("app.verify", {{R"({"respond":{"body":"hello"}})"}});
    EXPECT_EQ(get("pick").body, "hello");
    EXPECT_EQ(get("pick", "flow=signed").status, 405);
    EXPECT_EQ(calls_.count("app.sign"), 0u);
    described_->actions["verify"].handshake = false;
    EXPECT_EQ(get("pick").status, 405);
    EXPECT_EQ(calls_.count("app.verify"), 1u);
    described_->actions["verify"].handshake = true;
    TearDown();
    serve(everybody);
    EXPECT_EQ(get("main", "who=two").body, "hello");
    EXPECT_EQ(get("main", "who=nobody").status, 404);
    EXPECT_EQ(stored().size(), 0u);
}

}  // namespace
}  // namespace sluice::trigger
