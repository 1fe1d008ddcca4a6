// What alerts tell: once each, in order, over crashes too, and no secret.
#include "engine/alert_testing.hpp"

namespace sluice::engine {
namespace {

TEST_F(alert_test, a_process_that_dies_at_any_turn_loses_no_alert_and_tells_it_under_one_id) {
    int crashes = 0;
    for (int turns = 0; !HasFailure(); ++turns) {
        SCOPED_TRACE("crash after turn " + std::to_string(turns));
        engine_world world(alerting_manifest(to_ops));
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

TEST_F(alert_test, that_it_is_over_arrives_after_that_it_began) {
    net::client_response busy;
    busy.status = 503;
    net::client_response good;
    good.status = 200;
    world_.http.replies = {busy, good};
    fail();
    send();
    for (int i = 0; i < 1000 && world_.http.requests.empty(); ++i)
        world_.run_ready();
    ASSERT_EQ(world_.http.requests.size(), 1u);
    mend();
    send();
    world_.run();
    std::vector<std::string> states;
    for (const json::value& one : told())
        states.push_back(one.string_or("state", ""));
    EXPECT_EQ(states, (std::vector<std::string>{"raised", "raised", "cleared"}));
}

TEST_F(alert_test, it_is_kept_whether_the_execution_can_be_resumed) {
    fail();
    send();
    world_.run();
    EXPECT_EQ(raised()[0].value_json.find("resumable"), std::string::npos);
    std::string text = alerting_manifest(to_ops);
    const std::string flow = "import: { ";
    text.insert(text.find(flow) + flow.size(), "record: metadata, ");
    engine_world world(text);
    world.settings->secrets["key"] = "a key of the test";
    world.calls.on("app.save", {{"", base::error_code::not_found, 404}});
    world.send("import", "{}");
    world.run();
    const auto kept = world.store->config(store::alert_kind).value();
    ASSERT_EQ(kept.size(), 1u);
    EXPECT_NE(kept[0].value_json.find("\"resumable\":false"), std::string::npos);
}

TEST_F(alert_test, an_address_that_is_gone_by_the_time_of_a_later_try_ends_the_delivery) {
    engine_world world(alerting_manifest("\"${ $config.to }\""));
    world.settings->secrets["key"] = "a key of the test";
    world.settings->config.set("to", "http://ops/alerts");
    net::client_response busy;
    busy.status = 503;
    world.http.replies = {busy};
    world.calls.on("app.save", {{"", base::error_code::not_found, 404}});
    world.send("import", "{}");
    for (int i = 0; i < 1000 && world.http.requests.empty(); ++i)
        world.run_ready();
    world.crash();
    world.settings->config.set("to", "");
    world.start();
    world.run();
    EXPECT_EQ(world.http.requests.size(), 1u);
    const auto all = world.store->history({}).value();
    for (const store::execution_summary& one : all) {
        if (one.kind != "alert") continue;
        EXPECT_EQ(one.state, store::event_state::succeeded);
    }
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
        engine_world world(alerting_manifest(url));
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

}  // namespace
}  // namespace sluice::engine
