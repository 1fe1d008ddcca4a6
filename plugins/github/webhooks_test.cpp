#include "github_testing.hpp"

namespace sluice::github::testing {
namespace {

TEST(github_webhooks, creates_a_signed_json_webhook) {
    mock_host host(sluice_connector_v1);
    host.on("POST", hello + "/hooks").reply(201, R"({"id": 9, "config": {"secret": "********"}})");
    const json input{{"repository", "octo/hello"},
                     {"url", "https://sluice.example.com/hooks/T"},
                     {"events", json::array({"issues"})},
                     {"secret", "s3cret"}};
    const call_result result = host.run("createWebhook", input, token_connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output.get_or("id", 0), 9);
    EXPECT_EQ(host.requests().at(0).body_json(),
              (json{{"name", "web"},
                    {"active", true},
                    {"events", json::array({"issues"})},
                    {"config", json{{"url", "https://sluice.example.com/hooks/T"},
                                    {"content_type", "json"},
                                    {"insecure_ssl", "0"},
                                    {"secret", "s3cret"}}}}));
}

TEST(github_webhooks, never_creates_an_unsigned_webhook) {
    mock_host host(sluice_connector_v1);
    const json input{{"repository", "octo/hello"},
                     {"url", "https://sluice.example.com/hooks/T"},
                     {"events", json::array({"issues"})},
                     {"secret", ""}};
    EXPECT_EQ(host.run("createWebhook", input, token_connection()).error.code,
              SLUICE_INVALID_INPUT);
}

TEST(github_webhooks, lists_and_deletes) {
    mock_host host(sluice_connector_v1);
    host.on("GET", hello + "/hooks?per_page=100").reply(200, items(9, 2));
    host.on("DELETE", hello + "/hooks/9").reply(204, "").reply(404, R"({"message": "Not Found"})");
    const json of_hello{{"repository", "octo/hello"}};
    const call_result listed = host.run("listWebhooks", of_hello, token_connection());
    EXPECT_EQ(listed.output["webhooks"].size(), 2u) << listed.explain();
    const json of_9{{"repository", "octo/hello"}, {"id", 9}};
    EXPECT_TRUE(host.run("deleteWebhook", of_9, token_connection()).ok);
    // A step that is repeated finds nothing, which is as it should be.
    EXPECT_EQ(host.run("deleteWebhook", of_9, token_connection()).output,
              (json{{"deleted", false}}));
}

const std::string deliveries = hello + "/hooks/9/deliveries";
const json of_9{{"repository", "octo/hello"}, {"webhook", 9}};

json delivery(int id, const std::string& guid, int status, const std::string& minute = "00") {
    return json{{"id", id},
                {"guid", guid},
                {"status_code", status},
                {"delivered_at", "2026-01-31T12:" + minute + ":00Z"}};
}

std::vector<std::int64_t> ids(const call_result& result) {
    std::vector<std::int64_t> found;
    for (const json& item : result.output["deliveries"].items())
        found.push_back(item.get_or("id", 0));
    return found;
}

TEST(github_deliveries, lists_events_that_failed_and_never_arrived) {
    mock_host host(sluice_connector_v1);
    const json newest =
        json::array({delivery(9, "a", 202), delivery(8, "b", 502), delivery(7, "c", 500)});
    const json older = json::array(
        {delivery(6, "b", 500), delivery(5, "a", 404), delivery(4, "d", 0), delivery(3, "e", 302)});
    host.on("GET", deliveries + "?per_page=100")
        .reply(200, newest.dump(), {{"Link", next_link(deliveries + "?per_page=100&cursor=v1_6")}});
    host.on("GET", deliveries + "?per_page=100&cursor=v1_6").reply(200, older.dump());
    const call_result result = host.run("listFailedDeliveries", of_9, token_connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(ids(result), (std::vector<std::int64_t>{8, 7, 4}));
    EXPECT_TRUE(result.output["nextCursor"].is_null());
}

// Events a and b failed at first; a's redelivery worked, b's did not. Their first deliveries are on
// the page of a later run.
TEST(github_deliveries, an_earlier_runs_redeliveries_count_in_the_next_run) {
    mock_host host(sluice_connector_v1);
    json again_a = delivery(9, "a", 202);
    json again_b = delivery(8, "b", 500);
    json only_c = delivery(7, "c", 500);
    again_a.set("redelivery", true);
    again_b.set("redelivery", true);
    only_c.set("redelivery", false);
    json first_a = delivery(6, "a", 502);
    json first_b = delivery(5, "b", 502);
    json first_d = delivery(4, "d", 502);
    for (json* one : {&first_a, &first_b, &first_d})
        one->set("redelivery", false);
    host.on("GET", deliveries + "?per_page=3")
        .reply(200, json::array({again_a, again_b, only_c}).dump(),
               {{"Link", next_link(deliveries + "?per_page=3&cursor=v1_7")}});
    host.on("GET", deliveries + "?per_page=3&cursor=v1_7")
        .reply(200, json::array({first_a, first_b, first_d}).dump());
    json input = of_9;
    input.set("limit", 3);
    const call_result newer = host.run("listFailedDeliveries", input, token_connection());
    ASSERT_TRUE(newer.ok) << newer.explain();
    EXPECT_EQ(ids(newer), (std::vector<std::int64_t>{8, 7}));
    EXPECT_EQ(newer.output["nextCursor"], json("per_page=3&cursor=v1_7#a,b"))
        << "an event whose first delivery was seen need not be remembered";
    input.set("cursor", newer.output["nextCursor"]);
    const call_result older = host.run("listFailedDeliveries", input, token_connection());
    ASSERT_TRUE(older.ok) << older.explain();
    EXPECT_EQ(ids(older), (std::vector<std::int64_t>{4}));
    EXPECT_TRUE(older.output["nextCursor"].is_null());
}

TEST(github_deliveries, looks_no_further_back_than_asked) {
    mock_host host(sluice_connector_v1);
    const json page = json::array(
        {delivery(3, "a", 500, "30"), delivery(2, "b", 500, "20"), delivery(1, "c", 500, "10")});
    host.on("GET", deliveries + "*")
        .reply(200, page.dump(), {{"Link", next_link(deliveries + "?cursor=1")}});
    json input = of_9;
    input.set("since", "2026-01-31T12:20:00Z");
    const call_result result = host.run("listFailedDeliveries", input, token_connection());
    EXPECT_EQ(ids(result), (std::vector<std::int64_t>{3, 2})) << result.explain();
    EXPECT_EQ(host.requests().size(), 1u);
    EXPECT_TRUE(result.output["nextCursor"].is_null());

    for (const char* since : {"yesterday", "2026-01-31", "2026-01-31T12:20:00+01:00"}) {
        input.set("since", since);
        EXPECT_EQ(host.run("listFailedDeliveries", input, token_connection()).error.code,
                  SLUICE_INVALID_INPUT)
            << since;
    }
}

TEST(github_deliveries, asks_for_another_try) {
    mock_host host(sluice_connector_v1);
    host.on("POST", deliveries + "/20000000001/attempts").reply(202, "{}");
    json input = of_9;
    input.set("delivery", 20'000'000'001);
    const call_result result = host.run("redeliver", input, token_connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output, (json{{"accepted", true}}));
    EXPECT_EQ(host.requests().at(0).body, "");
}

}  // namespace
}  // namespace sluice::github::testing
