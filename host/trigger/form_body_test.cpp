// Webhooks with `body: form`: what flows, verifiers and those who choose a flow see of a form.
#include <gtest/gtest.h>

#include "engine/engine_testing.hpp"
#include "json/text.hpp"
#include "trigger/webhook_testing.hpp"

namespace sluice::trigger {
namespace {

constexpr const char* integration = R"(manifest: "1"
integration: { namespace: test, name: forms, version: 1.0.0 }
connectors: { app: "*" }
endpoint: %
flows:
  apart:
    trigger: { webhook: { body: form, respond: { mode: result } } }
    do: [ { a: { set: { got: "${ .body }" } } } ]
  whole:
    trigger: { webhook: { respond: { mode: result } } }
    do: [ { b: { set: { got: "${ .body }" } } } ]
  signed:
    trigger: { webhook: { body: form, verify: { call: app.verify }, respond: { mode: result } } }
    queue: { dedupe: .body.id }
    do: [ { c: { set: { got: "${ .body }" } } } ]
)";

class form_body_test : public webhook_fixture {
  protected:
    void serve(const std::string& endpoint, const std::string& more = {}) {
        TearDown();
        open_store();
        std::string text = integration + more;
        text.replace(text.find('%'), 1, endpoint);
        deploy({write("integration.yaml", text),
                write("one.yaml", "instance: one\ncustomer: north\nintegration: test/forms\n")},
               [](const std::string&) { return std::nullopt; });
        start_engine(calls_);
        trigger_ = std::make_unique<webhook>(
            webhook_ports{loop_, clock_, ids_, *store_, *deployments_, calls_, *engine_,
                          [](const std::string&, const auto*) { return nullptr; },
                          [](store::event_id) { return "http://host/runs/x"; }, nullptr},
            webhook_options{});
        tell_ends();
    }
    // The answer's `got` as text, or its status and title.
    std::string send(const std::string& flow, const std::string& body) {
        net::http_request of;
        of.method = "POST";
        of.path = path_of(flow);
        of.headers.add("content-type", "application/x-www-form-urlencoded");
        of.body = body;
        if (auto refused = trigger_->on_head(of)) return std::to_string(refused->status);
        std::optional<net::http_response> answer;
        trigger_->on_request(std::move(of), net::responder([&answer](net::http_response got) {
                                 answer = std::move(got);
                             }));
        EXPECT_TRUE(until([&] { return answer.has_value(); }));
        if (!answer) return "no answer";
        const auto said = json::parse(answer->body);
        if (answer->status == 200 && said) return json::to_text(said->get("got"));
        return std::to_string(answer->status) + " " + (said ? said->string_or("title", "") : "");
    }
    std::size_t stored() {
        auto all = store_->history({});
        return all ? all->size() : 999;
    }

    engine::scripted_calls calls_{loop_, clock_};
};

TEST_F(form_body_test, a_form_is_an_object_where_the_manifest_says_so_and_text_elsewhere) {
    serve("{ scope: flow }");
    EXPECT_EQ(send("apart", "a=1&b=x+y&a=2"), R"({"a":["1","2"],"b":"x y"})");
    EXPECT_EQ(send("whole", "a=1&b=x+y&a=2"), R"("a=1&b=x+y&a=2")");
    EXPECT_EQ(send("whole", "a=%"), R"("a=%")");
    const std::size_t before = stored();
    EXPECT_EQ(send("apart", "a=%"), "400 The body is not a form");
    EXPECT_EQ(stored(), before);
}

TEST_F(form_body_test, a_verifier_sees_the_raw_body_and_comes_first) {
    serve("{ scope: flow }");
    calls_.on("app.verify", {{R"({"verified":true})"}});
    EXPECT_EQ(send("signed", "id=7&b=x+%79"), R"({"id":"7","b":"x y"})");
    const json::value input = json::parse(calls_.calls().front().second.request.input_json).value();
    EXPECT_EQ(input.get("request").string_or("body", ""), "id=7&b=x+%79");
    calls_.on("app.verify", {{"", base::error_code::auth}});
    EXPECT_EQ(send("signed", "a=%"), "401 ");
    EXPECT_EQ(stored(), 1u);
}

constexpr const char* pick = R"(
  pick:
    trigger: { preprocess: {} }
    do: [ { c: { set: { flow: '${ .body.to }' } } } ]
)";

TEST_F(form_body_test, who_chooses_between_flows_reads_forms_as_soon_as_one_of_them_does) {
    serve("{ scope: instance, preprocess: pick }", pick);
    EXPECT_EQ(send("pick", "to=apart&n=1"), R"({"to":"apart","n":"1"})");
    EXPECT_EQ(send("pick", "to=whole&n=1"), R"("to=whole&n=1")");
    EXPECT_EQ(send("pick", "to=%"), "400 The body is not a form");
}

TEST_F(form_body_test, so_does_the_route_of_a_shared_address) {
    serve("{ scope: shared, route: .body.customer }");
    EXPECT_EQ(send("apart", "customer=north&n=1"), R"({"customer":"north","n":"1"})");
    EXPECT_EQ(send("apart", "customer=south"), "404 Not Found");
    serve("{ scope: shared, route: .body.customer, preprocess: pick }", pick);
    EXPECT_EQ(send("pick", "customer=north&to=apart"), R"({"customer":"north","to":"apart"})");
    EXPECT_EQ(send("pick", "customer=north&to=whole"), R"("customer=north&to=whole")");
}

}  // namespace
}  // namespace sluice::trigger
