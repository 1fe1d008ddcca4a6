#include "your_app_testing.hpp"

namespace your_app::testing {
namespace {

const std::string webhooks = base + "/api/webhooks";

json hook(const std::string& id, const std::string& address,
          json events = json::array({"tickets.*"})) {
    return json{{"id", id}, {"url", address}, {"events", std::move(events)}, {"pending", 0}};
}

json wanted(const std::string& address, json events = json::array({"tickets.*"})) {
    return json{{"url", address}, {"events", std::move(events)}};
}

json input_of(std::vector<json> all) {
    return json{{"webhooks", json::array(std::move(all))}, {"secret", "s3cret"}};
}

void there_are(mock_host& host, std::vector<json> all) {
    host.on("GET", webhooks).reply(200, json{{"webhooks", json::array(std::move(all))}}.dump());
}

// "POST /api/webhooks key" and so on, but for the first one, which lists.
std::vector<std::string> writes(const mock_host& host) {
    std::vector<std::string> found;
    for (const recorded_request& one : host.requests()) {
        if (one.method == "GET") continue;
        found.push_back(one.method + " " + one.url.substr(base.size()) + " " +
                        std::string(one.header("Idempotency-Key")));
    }
    return found;
}

json result_of(std::vector<json> created, std::vector<json> deleted, int unchanged) {
    return json{{"created", json::array(std::move(created))},
                {"deleted", json::array(std::move(deleted))},
                {"unchanged", unchanged}};
}

TEST(your_app_reconcile, creates_replaces_and_deletes_what_is_ours_alone) {
    mock_host host(sluice_connector_v1);
    there_are(host,
              {hook("1", "https://old.test/hooks/A"), hook("2", "https://new.test/hooks/OTHER"),
               hook("3", "https://new.test/hooks/B"), hook("4", "https://new.test/hooks/GONE"),
               hook("5", "https://new.test/hooks/B")});
    host.on("POST", webhooks).reply(201, R"({"id": "8"})").reply(201, R"({"id": "9"})");
    host.on("DELETE", webhooks + "*").reply(204, "");
    json input = input_of({wanted("https://new.test/hooks/A"), wanted("https://new.test/hooks/B"),
                           wanted("https://new.test/hooks/C")});
    input.set("ours", json::array({"https://new.test/hooks/GONE"}));
    const call_result result = host.run("reconcileWebhooks", input, connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output, result_of({"8", "9"}, {"1", "4", "5"}, 1));
    // The new ones first; each under the key of its place, whatever else is done.
    EXPECT_EQ(writes(host), (std::vector<std::string>{
                                "POST /api/webhooks key-1", "POST /api/webhooks key-1-2",
                                "DELETE /api/webhooks/1 key-1", "DELETE /api/webhooks/4 key-1",
                                "DELETE /api/webhooks/5 key-1"}));
    EXPECT_EQ(host.requests().at(1).body_json(), (json{{"url", "https://new.test/hooks/A"},
                                                       {"events", json::array({"tickets.*"})},
                                                       {"secret", "s3cret"}}));
}

TEST(your_app_reconcile, twice_is_nothing) {
    mock_host host(sluice_connector_v1);
    there_are(host, {hook("1", "https://new.test/hooks/A", json::array({"a.*", "b.*"}))});
    const json input = input_of({wanted("https://new.test/hooks/A", json::array({"b.*", "a.*"}))});
    const call_result result = host.run("reconcileWebhooks", input, connection());
    EXPECT_EQ(result.output, result_of({}, {}, 1)) << result.explain();
    EXPECT_TRUE(writes(host).empty());
}

TEST(your_app_reconcile, goes_on_after_a_crash_between_the_new_one_and_the_old_one) {
    mock_host host(sluice_connector_v1);
    there_are(host, {hook("1", "https://old.test/hooks/A"), hook("8", "https://new.test/hooks/A")});
    host.on("DELETE", webhooks + "/1").reply(204, "");
    const call_result result =
        host.run("reconcileWebhooks", input_of({wanted("https://new.test/hooks/A")}), connection());
    EXPECT_EQ(result.output, result_of({}, {"1"}, 1)) << result.explain();
}

TEST(your_app_reconcile, renews_a_secret_once_however_often_the_step_is_repeated) {
    mock_host host(sluice_connector_v1);
    json input = input_of({wanted("https://new.test/hooks/A")});
    input.set("renewSecret", true);
    // The app answers a repeated key as the first time.
    host.on("POST", webhooks).reply(201, R"({"id": "8"})");
    host.on("DELETE", webhooks + "/1").reply(204, "");
    host.on("GET", webhooks)
        .reply(200, json{{"webhooks", json::array({hook("1", "https://new.test/hooks/A")})}}.dump())
        .reply(200,
               json{{"webhooks", json::array({hook("8", "https://new.test/hooks/A")})}}.dump());
    const call_result first = host.run("reconcileWebhooks", input, connection());
    EXPECT_EQ(first.output, result_of({"8"}, {"1"}, 0)) << first.explain();
    const call_result again = host.run("reconcileWebhooks", input, connection());
    EXPECT_EQ(again.output, result_of({"8"}, {}, 0)) << again.explain();
}

TEST(your_app_reconcile, with_nothing_wanted_takes_ours_away) {
    mock_host host(sluice_connector_v1);
    there_are(host, {hook("1", "https://a.test/hooks/A"), hook("2", "https://a.test/hooks/B")});
    host.on("DELETE", webhooks + "/1").reply(404, "");  // somebody else was faster
    const json input{{"webhooks", json::array()},
                     {"ours", json::array({"https://b.test/hooks/A"})}};
    const call_result result = host.run("reconcileWebhooks", input, connection());
    EXPECT_EQ(result.output, result_of({}, {"1"}, 0)) << result.explain();
}

TEST(your_app_reconcile, stops_at_a_refusal) {
    mock_host host(sluice_connector_v1);
    there_are(host, {hook("1", "https://a.test/hooks/A")});
    host.on("DELETE", webhooks + "/1").reply(401, "");
    const json input{{"webhooks", json::array()},
                     {"ours", json::array({"https://b.test/hooks/A"})}};
    EXPECT_EQ(host.run("reconcileWebhooks", input, connection()).error.code, SLUICE_AUTH);
}

TEST(your_app_reconcile, refuses_what_is_malformed_before_asking) {
    mock_host host(sluice_connector_v1);
    const json a = wanted("https://a.test/hooks/A");
    const json bad[] = {
        json::object(),
        json{{"webhooks", json::array({a})}},  // no secret
        input_of({json::object()}),
        input_of({json("text")}),
        input_of({wanted("https://a.test")}),
        input_of({wanted("https://a.test/")}),
        input_of({wanted("https://a.test/hooks/A", json::array({7}))}),
        input_of({a, wanted("https://b.test/hooks/A")}),
        json{{"webhooks", json::array()}, {"ours", "https://a.test/hooks/A"}},
        json{{"webhooks", json::array()}, {"ours", json::array({7})}},
        json{{"webhooks", json::array()}, {"renewSecret", "yes"}},
    };
    for (const json& input : bad) {
        const call_result result = host.run("reconcileWebhooks", input, connection());
        EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT) << input.dump() << result.explain();
    }
    EXPECT_TRUE(host.requests().empty());
}

}  // namespace
}  // namespace your_app::testing
