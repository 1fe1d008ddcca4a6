// Alerts: raised and cleared with the end that causes it.
#include "engine/alert_testing.hpp"

namespace sluice::engine {
namespace {

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
        world_.died_inside = {{id, store::death::crash}};
        world_.crash();
        world_.start();
    }
    world_.run();
    EXPECT_EQ(world_.execution(id).summary.state, store::event_state::quarantined);
    ASSERT_EQ(message_ids().size(), 1u);
    EXPECT_EQ(told()[0].get("error").string_or("title", ""), "Quarantined");
}

TEST_F(alert_test, a_success_changes_alerts_only_when_one_is_raised) {
    std::vector<std::size_t> changes;
    world_.host->observe_ends([&](store::event_id, const end_of_execution& end) {
        if (end.output.is_object() || end.how == end_of_execution::kind::failed)
            changes.push_back(end.alerts.size());
    });
    mend();
    send();
    world_.run();
    EXPECT_EQ(changes, std::vector<std::size_t>{0});
    changes.clear();
    fail();
    send();
    world_.run();
    EXPECT_EQ(changes.at(0), 1u);
    mend();
    changes.clear();
    send();
    world_.run();
    EXPECT_EQ(changes.at(0), 1u) << "that of the failure; nothing is overdue";
    changes.clear();
    send();
    world_.run();
    EXPECT_EQ(changes, std::vector<std::size_t>{0});
}

TEST_F(alert_test, rules_are_those_of_the_version_that_runs_now) {
    world_.calls.hang("app.save");
    send();
    for (int i = 0; i < 100 && world_.calls.count("app.save") == 0; ++i)
        world_.run_ready();
    world_.upgrade(alerting_manifest("\"http://ops/new\"", "1.1.0"));
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
