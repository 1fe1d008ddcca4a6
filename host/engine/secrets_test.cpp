// Values of secrets do not come to rest in records, whatever way they took into the flow.
#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "engine/engine_testing.hpp"
#include "json/text.hpp"

namespace sluice::engine {
namespace {

constexpr const char* secret = "tops3cret/value";

class hidden_secrets : public testing::Test {
  protected:
    void SetUp() override {
        auto hidden = std::make_shared<base::log_secrets>();
        hidden->add(secret);
        world_.settings->hidden = std::move(hidden);
        world_.settings->secrets["hookSecret"] = secret;
    }
    // Everything the store keeps of all executions, and of the values that outlive them.
    std::string all_that_is_kept() {
        std::string text;
        const auto all = world_.store->history({}).value();
        for (const store::execution_summary& one : all) {
            const store::execution_detail found = world_.execution(one.id);
            text += found.output_json + found.summary.error_json;
            if (one.kind != "webhook") text += found.payload_json;
            for (const store::step_record& step : found.steps)
                text += step.input_json + step.output_json + step.error_json;
        }
        const auto emitted = world_.store->signals("one", 0, 100).value();
        for (const store::signal_record& one : emitted)
            text += one.event_json;
        return text + world_.store->state_get("one", "f", "k").value().value_json;
    }
    void expect_hidden() {
        const std::string kept = all_that_is_kept();
        EXPECT_NE(kept.find("[redacted]"), std::string::npos);
        for (const std::string& form : {std::string(secret), base::to_base64(secret),
                                        base::to_hex(secret), std::string("tops3cret%2Fvalue")}) {
            EXPECT_EQ(kept.find(form), std::string::npos) << form << " in " << kept;
        }
    }

    engine_world world_{flow_text(R"(
      - call: { call: app.echo, with: { given: { $ref: config.hookSecret } } }
      - put: { call: state.put, with: { key: k, value: "${ $trigger.token }" } }
      - tell: { emit: { event: { with: { type: told, data: "${ $trigger.token }" } } } }
      - child: { run: { workflow: { name: child, input: { token: "${ $trigger.token }" } } } }
      - shaped: { set: 1, output: { as: "${ {\"a\": $trigger.token} }" }, export: { as: "${ $trigger }" } }
      - hold: { call: app.hold }
      - last: { set: "${ [$steps.call, $steps.shaped, $context, $steps.child] }" }
)",
                                  {}, R"(
  child:
    trigger: { call: {} }
    do: [ { back: { set: "${ .token }" } } ]
  fails:
    trigger: { webhook: { respond: { mode: accepted } } }
    do:
      - tried:
          try: [ { bad: { raise: { error: { type: "urn:no", status: 400, detail: "${ .token }" } } } } ]
          catch: { do: [ { seen: { set: "${ $error }" } } ] }
      - worse: { raise: { error: { type: "urn:no", status: 400, title: "${ \"no: \" + .detail }", detail: "${ $trigger.token }" } } }
)")};
};

TEST_F(hidden_secrets, come_to_rest_nowhere_and_a_replay_sees_what_the_first_run_saw) {
    const json::value echoed =
        json::value::object({{"plain", secret},
                             {"base64", base::to_base64("user:" + std::string(secret))},
                             {"hex", base::to_hex(secret)},
                             {"inside", json::value::array({std::string("x=tops3cret%2Fvalue&")})},
                             {secret, 7}});
    std::string results[2];
    for (const bool crashes : {false, true}) {
        world_.calls.on("app.echo", {{json::to_text(echoed)}});
        if (crashes) world_.calls.hang("app.hold");
        const store::event_id id =
            world_.send("f", json::to_text(json::value::object({{"token", secret}})));
        world_.run(1'000);
        if (crashes) {
            world_.crash_at("app.hold");
        }
        results[crashes ? 1 : 0] = world_.result(id);
    }
    EXPECT_EQ(results[0], results[1]);
    EXPECT_NE(results[0].find(R"("plain":"[redacted]")"), std::string::npos) << results[0];
    expect_hidden();
    EXPECT_EQ(world_.made()[0].second.request.input_json,
              json::to_text(json::value::object({{"given", secret}})))
        << "the connector gets it";
}

TEST_F(hidden_secrets, stand_in_no_error) {
    const store::event_id id =
        world_.send("fails", json::to_text(json::value::object({{"token", secret}})));
    world_.run();
    EXPECT_EQ(world_.result(id), "! 400 urn:no at /do/1/worse");
    EXPECT_EQ(world_.error(id).string_or("title", ""), "no: [redacted]");
    EXPECT_EQ(world_.ends[id].error.detail, "[redacted]");
    expect_hidden();
}

// An answer is cut in its middle: the part of it that is kept would show no known value.
TEST(secrets_in_answers, are_hidden_before_the_answer_is_cut) {
    engine_world world(flow_text(R"(
      - ask: { call: http, with: { method: get, endpoint: "http://shop.test/" } }
)"));
    const std::string token = "secret-" + std::string(900, 'x') + "-end";
    auto hidden = std::make_shared<base::log_secrets>();
    hidden->add(token);
    world.settings->hidden = std::move(hidden);
    net::client_response answer;
    answer.status = 403;
    answer.body = "invalid token " + token;
    world.http.replies = {answer};
    const store::event_id id = world.send("f", "{}");
    world.run();
    const std::string detail = world.error(id).string_or("detail", "");
    EXPECT_NE(detail.find("invalid token [redacted]"), std::string::npos) << detail;
    EXPECT_EQ(detail.find("secret-x"), std::string::npos) << detail;
}

}  // namespace
}  // namespace sluice::engine
