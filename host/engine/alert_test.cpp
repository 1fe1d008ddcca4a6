// Alerts: raised and cleared with the end that causes it, told once each, over crashes too.
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "base/encoding.hpp"
#include "engine/alerts.hpp"
#include "engine/engine_testing.hpp"
#include "json/text.hpp"

namespace sluice::engine {
namespace {

std::string manifest_with(const std::string& url, const std::string& version = "1.0.0") {
    return R"(manifest: "1"
integration: { namespace: test, name: orders, version: )" +
           version + R"( }
connectors: { app: "*" }
config: { key: { type: secret }, to: { type: string } }
flows:
  import: { trigger: { webhook: {} }, do: [ { save: { call: app.save } } ] }
  check: { trigger: { webhook: {} }, do: [ { a: { if: "${ .bad }", raise: { error: { type: "urn:bad", status: 400, title: Bad, detail: "${ .said }" } } } } ] }
  parent: { trigger: { webhook: {} }, do: [ { b: { try: [ { r: { run: { workflow: { name: child } } } } ], catch: { errors: { with: { status: 404 } } } } } ] }
  child: { trigger: { call: {} }, do: [ { c: { call: app.child } } ] }
  quiet: { trigger: { webhook: {} }, do: [ { d: { call: app.quiet } } ] }
alerts:
  broken: { on: failure, flows: [ import, check, parent, child ], url: )" +
           url + R"(, secret: { $ref: config.key } }
  late: { on: { overdue: { after: PT1H } }, flows: [ import ], url: )" +
           url + R"(, secret: { $ref: config.key } }
)";
}
const char* const to_ops = "\"http://ops/alerts\"";

class alert_test : public testing::Test {
  protected:
    void SetUp() override {
        world_.settings->secrets["key"] = "whsec_" + base::to_base64("the key");
        world_.settings->instance_info = json::value::object({{"id", "one"}, {"customer", "acme"}});
    }
    store::event_id send(const char* flow = "import") { return world_.send(flow, "{}"); }
    void fail(const char* function = "app.save") {
        world_.calls.on(function, {{"", base::error_code::not_found, 404}});
    }
    void mend(const char* function = "app.save") { world_.calls.on(function, {{"{}"}}); }
    std::vector<store::config_record> raised() {
        return world_.store->config(store::alert_kind).value();
    }
    std::vector<json::value> told() {
        std::vector<json::value> out;
        for (const net::client_request& one : world_.http.requests)
            out.push_back(json::parse(one.body).value());
        return out;
    }
    std::set<std::string> message_ids() {
        std::set<std::string> out;
        for (const net::client_request& one : world_.http.requests)
            out.insert(std::string(one.headers.get("webhook-id")));
        return out;
    }
    std::vector<store::execution_summary> deliveries() {
        std::vector<store::execution_summary> out;
        const auto all = world_.store->history({}).value();
        for (const store::execution_summary& one : all) {
            if (one.kind == "alert") out.push_back(one);
        }
        return out;
    }

    engine_world world_{manifest_with(to_ops)};
};

TEST_F(alert_test, a_failure_is_told_signed_and_with_everything_that_names_it) {
    fail();
    const store::event_id id = send();
    world_.run();
    ASSERT_EQ(world_.http.requests.size(), 1u);
    const net::client_request& got = world_.http.requests[0];
    EXPECT_EQ(got.url, "http://ops/alerts");
    const json::value body = told()[0];
    const std::string now = body.string_or("time", "");
    EXPECT_EQ(json::to_text(body.get("error").get("title")), R"("Not found")");
    EXPECT_EQ(body.get("error").string_or("step", ""), "/do/0/save");
    json::value rest = body;
    rest.set("error", 0);
    EXPECT_EQ(rest, json::value::object({{"alert", "broken"},
                                         {"state", "raised"},
                                         {"kind", "failure"},
                                         {"time", now},
                                         {"instance", "one"},
                                         {"customer", "acme"},
                                         {"integration", "test/orders"},
                                         {"version", "1.0.0"},
                                         {"flow", "import"},
                                         {"execution", base::execution_id_text(id)},
                                         {"error", 0},
                                         {"since", now},
                                         {"count", 1}}));
    ASSERT_EQ(deliveries().size(), 1u);
    EXPECT_EQ(deliveries()[0].flow, "broken.alert");
    EXPECT_EQ(deliveries()[0].parent, id);
    EXPECT_EQ(got.headers.get("webhook-id"), base::execution_id_text(deliveries()[0].id));
    const std::string content = std::string(got.headers.get("webhook-id")) + "." +
                                std::string(got.headers.get("webhook-timestamp")) + "." + got.body;
    EXPECT_EQ(got.headers.get("webhook-signature"),
              "v1," + base::to_base64(base::hmac_sha256("the key", content)));
}

TEST_F(alert_test, many_failures_are_one_message_and_the_next_success_clears_it) {
    fail();
    for (int i = 0; i < 50; ++i)
        send();
    world_.run();
    ASSERT_EQ(world_.http.requests.size(), 1u);
    const auto kept = raised();
    ASSERT_EQ(kept.size(), 1u);
    EXPECT_EQ(kept[0].key, "one/broken/import");
    EXPECT_EQ(json::parse(kept[0].value_json)->int_or("count", 0), 50);
    world_.crash();
    world_.clock.advance_ms(60'000);
    world_.start();
    send();
    world_.run();
    EXPECT_EQ(world_.http.requests.size(), 1u) << "still raised after a restart";
    mend();
    const store::event_id good = send();
    send();
    world_.run();
    ASSERT_EQ(world_.http.requests.size(), 2u);
    const json::value over = told()[1];
    EXPECT_EQ(over.string_or("state", ""), "cleared");
    EXPECT_EQ(over.int_or("count", 0), 51);
    EXPECT_EQ(over.string_or("since", ""), told()[0].string_or("since", "?"));
    EXPECT_EQ(over.string_or("execution", ""), base::execution_id_text(good));
    EXPECT_EQ(over.get("error"), told()[0].get("error")) << "what is over";
    EXPECT_EQ(message_ids().size(), 2u);
    EXPECT_TRUE(raised().empty());
}

TEST_F(alert_test, flows_are_told_apart_and_what_nobody_watches_is_told_to_nobody) {
    fail();
    fail("app.quiet");
    send();
    send("quiet");
    world_.send("check", R"({"bad":true})");
    world_.run();
    ASSERT_EQ(raised().size(), 2u);
    EXPECT_EQ(raised()[0].key, "one/broken/check");
    EXPECT_EQ(raised()[1].key, "one/broken/import");
    EXPECT_EQ(world_.http.requests.size(), 2u);
    world_.send("check", "{}");
    world_.run();
    ASSERT_EQ(raised().size(), 1u) << "a success of the other flow clears nothing of this one";
    EXPECT_EQ(raised()[0].key, "one/broken/import");
}

TEST_F(alert_test, an_execution_that_is_resumed_clears_what_it_raised) {
    fail();
    const store::event_id id = send();
    world_.run();
    mend();
    ASSERT_TRUE(world_.resume(id));
    world_.run();
    ASSERT_EQ(world_.http.requests.size(), 2u);
    EXPECT_EQ(told()[1].string_or("state", ""), "cleared");
    EXPECT_EQ(told()[1].string_or("execution", ""), base::execution_id_text(id));
    EXPECT_TRUE(raised().empty());
}

TEST_F(alert_test, a_process_that_dies_at_any_turn_loses_no_alert_and_tells_it_under_one_id) {
    int crashes = 0;
    for (int turns = 0; !HasFailure(); ++turns) {
        SCOPED_TRACE("crash after turn " + std::to_string(turns));
        engine_world world(manifest_with(to_ops));
        world.settings->secrets["key"] = "a key of the test";
        world.calls.on("app.save", {{"", base::error_code::not_found, 404}});
        const store::event_id id = world.send("import", "{}");
        const bool before_the_end = world.turns(turns);
        world.crash();
        world.start();
        world.run();
        ASSERT_EQ(world.execution(id).summary.state, store::event_state::failed);
        std::set<std::string> ids;
        for (const net::client_request& one : world.http.requests)
            ids.insert(std::string(one.headers.get("webhook-id")));
        EXPECT_EQ(ids.size(), 1u);
        EXPECT_EQ(world.store->config(store::alert_kind)->size(), 1u);
        EXPECT_EQ(json::parse(world.store->config(store::alert_kind)->at(0).value_json)
                      ->int_or("count", 0),
                  1);
        if (!before_the_end) break;
        ++crashes;
    }
    EXPECT_GT(crashes, 5);
}

TEST_F(alert_test, a_disk_that_takes_nothing_for_a_while_delays_it_and_no_more) {
    fail();
    const store::event_id id = send();
    world_.disk_fails = true;
    world_.run(20'000);
    EXPECT_TRUE(world_.http.requests.empty()) << "nothing is told that is not kept";
    world_.disk_fails = false;
    world_.run();
    EXPECT_EQ(world_.execution(id).summary.state, store::event_state::failed);
    EXPECT_EQ(message_ids().size(), 1u);
    ASSERT_EQ(raised().size(), 1u);
    EXPECT_EQ(json::parse(raised()[0].value_json)->int_or("count", 0), 1);
}

TEST_F(alert_test, of_a_flow_and_the_one_that_waits_for_it_only_the_latter_counts) {
    world_.calls.on("app.child", {{"", base::error_code::not_found, 404},
                                  {"", base::error_code::invalid_input, 400}});
    send("parent");
    world_.run();
    EXPECT_TRUE(raised().empty()) << "it was caught: nothing failed that anybody sees";
    send("parent");
    world_.run();
    ASSERT_EQ(raised().size(), 1u);
    EXPECT_EQ(raised()[0].key, "one/broken/parent");
    EXPECT_EQ(world_.http.requests.size(), 1u);
}

TEST_F(alert_test, cancelled_ones_neither_raise_nor_clear) {
    world_.calls.hang("app.save");
    const store::event_id id = send();
    for (int i = 0; i < 100 && world_.calls.count("app.save") == 0; ++i)
        world_.run_ready();
    world_.host->cancel(id);
    world_.run();
    EXPECT_EQ(world_.execution(id).summary.state, store::event_state::cancelled);
    EXPECT_TRUE(raised().empty());
    world_.calls.answer_from_now_on("app.save");
    fail();
    send();
    world_.run();
    ASSERT_EQ(raised().size(), 1u);
    world_.calls.hang("app.save");
    const store::event_id second = send();
    const std::size_t before = world_.calls.count("app.save");
    for (int i = 0; i < 100 && world_.calls.count("app.save") == before; ++i)
        world_.run_ready();
    world_.host->cancel(second);
    world_.run();
    EXPECT_EQ(raised().size(), 1u);
}

TEST_F(alert_test, what_kills_the_process_is_told_like_any_failure) {
    world_.calls.hang("app.save");
    const store::event_id id = send();
    for (std::size_t deaths = 1; deaths <= 3; ++deaths) {
        for (int i = 0; i < 100 && world_.calls.count("app.save") < deaths; ++i)
            world_.run_ready();
        ASSERT_EQ(world_.calls.count("app.save"), deaths);
        world_.died_inside = {id};
        world_.crash();
        world_.start();
    }
    world_.run();
    EXPECT_EQ(world_.execution(id).summary.state, store::event_state::quarantined);
    ASSERT_EQ(message_ids().size(), 1u);
    EXPECT_EQ(told()[0].get("error").string_or("title", ""), "Quarantined");
}

TEST_F(alert_test, a_receiver_that_fails_raises_nothing_and_is_tried_again_under_the_same_id) {
    net::client_response busy;
    busy.status = 503;
    world_.http.replies = {busy};
    fail();
    send();
    world_.run();
    EXPECT_EQ(world_.http.requests.size(), 8u);
    EXPECT_EQ(message_ids().size(), 1u);
    ASSERT_EQ(deliveries().size(), 1u);
    EXPECT_EQ(deliveries()[0].state, store::event_state::failed);
    EXPECT_EQ(raised().size(), 1u) << "that of the flow alone";
}

TEST_F(alert_test, no_secret_is_told) {
    auto hidden = std::make_shared<base::log_secrets>();
    hidden->add("correct horse battery");
    world_.settings->hidden = hidden;
    world_.send("check", R"({"bad":true,"said":"no: correct horse battery"})");
    world_.run();
    ASSERT_EQ(world_.http.requests.size(), 1u);
    EXPECT_EQ(told()[0].get("error").string_or("detail", ""), "no: [redacted]");
    const store::execution_detail kept = world_.execution(deliveries()[0].id);
    for (const std::string& text : {world_.http.requests[0].body, kept.payload_json,
                                    raised()[0].value_json, kept.steps.at(0).input_json}) {
        EXPECT_EQ(text.find("horse"), std::string::npos) << text;
        EXPECT_EQ(text.find(base::to_base64("the key")), std::string::npos) << text;
    }
}

TEST_F(alert_test, without_an_address_it_is_raised_and_nobody_is_told) {
    for (const char* url : {"\"${ $config.to }\"", "{ $ref: config.to }"}) {
        SCOPED_TRACE(url);
        engine_world world(manifest_with(url));
        world.settings->secrets["key"] = "a key of the test";
        world.calls.on("app.save", {{"", base::error_code::not_found, 404}});
        world.send("import", "{}");
        world.run();
        EXPECT_EQ(world.store->config(store::alert_kind)->size(), 1u);
        EXPECT_TRUE(world.http.requests.empty());
        EXPECT_EQ(world.store->history({})->size(), 1u) << "no delivery either";
        world.settings->config.set("to", "http://ops/late");
        world.calls.on("app.save", {{"{}"}});
        world.send("import", "{}");
        world.run();
        ASSERT_EQ(world.http.requests.size(), 1u);
        EXPECT_EQ(world.http.requests[0].url, "http://ops/late");
    }
}

TEST_F(alert_test, rules_are_those_of_the_version_that_runs_now) {
    world_.calls.hang("app.save");
    send();
    for (int i = 0; i < 100 && world_.calls.count("app.save") == 0; ++i)
        world_.run_ready();
    world_.upgrade(manifest_with("\"http://ops/new\"", "1.1.0"));
    world_.calls.answer_from_now_on("app.save");
    fail();
    world_.crash();
    world_.start();
    world_.run();
    ASSERT_EQ(world_.http.requests.size(), 1u);
    EXPECT_EQ(world_.http.requests[0].url, "http://ops/new");
    EXPECT_EQ(told()[0].string_or("version", ""), "1.1.0");
}

TEST_F(alert_test, a_flow_that_only_computes_raises_in_the_one_transaction_that_it_has) {
    bool over = false;
    world_.send_at_once("check", R"({"bad":true})", [&](const end_of_execution&) { over = true; });
    for (int i = 0; i < 100 && !over; ++i)
        world_.loop.run_ready();
    ASSERT_TRUE(over);
    world_.run();
    EXPECT_EQ(raised().size(), 1u);
    EXPECT_EQ(world_.http.requests.size(), 1u);
}

TEST_F(alert_test, the_last_success_of_a_flow_that_is_waited_for_is_kept_with_it) {
    fail();
    send();
    world_.run();
    EXPECT_EQ(last_success(*world_.store, "one", "import").value(), 0);
    mend();
    send();
    send("quiet");
    world_.run();
    EXPECT_GT(last_success(*world_.store, "one", "import").value(), 0);
    EXPECT_EQ(last_success(*world_.store, "one", "quiet").value(), 0) << "nobody waits for it";
    world_.crash();
    world_.start();
    EXPECT_GT(last_success(*world_.store, "one", "import").value(), 0);
}

}  // namespace
}  // namespace sluice::engine
