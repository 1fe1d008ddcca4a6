#include "github_testing.hpp"

namespace sluice::github::testing {
namespace {

const std::string hooks = base + "/orgs/octo/hooks";
const json of_octo{{"organization", "octo"}};

json with(json input, const char* key, json value) {
    return std::move(input).set(key, std::move(value));
}

TEST(github_organization_hooks, are_created_listed_and_deleted_like_those_of_repositories) {
    mock_host host(sluice_connector_v1);
    host.on("POST", hooks).reply(201, R"({"id": 9})");
    host.on("GET", hooks + "?per_page=100").reply(200, items(9, 2));
    host.on("DELETE", hooks + "/9").reply(204, "").reply(404, "{}").reply(403, "{}");
    json created = of_octo;
    created.set("url", "https://sluice.example.com/hooks/T");
    created.set("events", json::array({"issues"}));
    created.set("secret", "s3cret");
    EXPECT_EQ(host.run("createWebhook", created, token_connection()).output["id"], json(9));
    EXPECT_EQ(host.requests().at(0).body_json()["name"], json("web"));
    const call_result listed = host.run("listWebhooks", of_octo, token_connection());
    EXPECT_EQ(listed.output["webhooks"].size(), 2u) << listed.explain();
    const json ninth = with(of_octo, "id", 9);
    EXPECT_EQ(host.run("deleteWebhook", ninth, token_connection()).output,
              (json{{"deleted", true}}));
    EXPECT_EQ(host.run("deleteWebhook", ninth, token_connection()).output,
              (json{{"deleted", false}}));
    EXPECT_EQ(host.run("deleteWebhook", ninth, token_connection()).error.code, SLUICE_AUTH);
}

TEST(github_organization_hooks, are_reconciled) {
    mock_host host(sluice_connector_v1);
    const json old{{"id", 1},
                   {"active", true},
                   {"events", json::array({"push"})},
                   {"config", json{{"url", "https://old.test/hooks/A"}, {"content_type", "json"}}}};
    host.on("GET", hooks + "*").reply(200, json::array({old}).dump());
    host.on("PATCH", hooks + "/1").reply(200, "{}");
    const json wanted{{"url", "https://new.test/hooks/A"}, {"events", json::array({"push"})}};
    json input = with(of_octo, "webhooks", json::array({wanted}));
    input.set("secret", "s3cret");
    const call_result result = host.run("reconcileWebhooks", input, token_connection());
    EXPECT_EQ(result.output["changed"], json::array({1})) << result.explain();
}

TEST(github_organization_hooks, belong_to_one_owner_that_is_named) {
    mock_host host(sluice_connector_v1);
    for (const json& input :
         {json::object(), json{{"organization", "octo"}, {"repository", "octo/hello"}},
          json{{"organization", ""}}, json{{"organization", ".."}}, json{{"organization", 7}}}) {
        EXPECT_EQ(host.run("listWebhooks", input, token_connection()).error.code,
                  SLUICE_INVALID_INPUT)
            << input.dump();
    }
    EXPECT_TRUE(host.requests().empty());
}

json delivery(int id, const std::string& guid, int status) {
    return json{{"id", id},
                {"guid", guid},
                {"event", "issues"},
                {"status_code", status},
                {"redelivery", false},
                {"delivered_at", "2026-01-31T12:00:00Z"}};
}

json hook(int id, const std::string& url) {
    return json{{"id", id}, {"config", json{{"url", url}}}};
}

std::vector<std::string> attempts(const mock_host& host) {
    std::vector<std::string> found;
    for (const recorded_request& request : host.requests()) {
        if (request.method == "POST") found.push_back(request.url.substr(hooks.size()));
    }
    return found;
}

TEST(github_sweep, sends_what_failed_once_more_the_oldest_first) {
    mock_host host(sluice_connector_v1);
    host.on("GET", hooks + "/9/deliveries?per_page=100")
        .reply(200,
               json::array({delivery(4, "a", 500), delivery(3, "b", 202), delivery(2, "c", 502)})
                   .dump());
    host.on("POST", hooks + "/9/deliveries/*").reply(202, "{}");
    const call_result result =
        host.run("sweepFailedDeliveries", with(of_octo, "webhook", 9), token_connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(attempts(host),
              (std::vector<std::string>{"/9/deliveries/2/attempts", "/9/deliveries/4/attempts"}));
    EXPECT_EQ(result.output["redelivered"][0],
              (json{{"webhook", 9}, {"delivery", 2}, {"guid", "c"}, {"event", "issues"}}));
    EXPECT_EQ(result.output["more"], json(false));
}

// Twelve pages, and what failed is on the last one.
TEST(github_sweep, looks_at_all_that_github_has) {
    mock_host host(sluice_connector_v1);
    const std::string list = hooks + "/9/deliveries?per_page=100";
    constexpr int last = 12;
    for (int page = 1; page <= last; ++page) {
        json deliveries = json::array();
        for (int i = 0; i < 100; ++i) {
            const int id = 10'000 - page * 100 - i;
            const bool fails = page == last && i > 97;
            deliveries.push(delivery(id, "g" + std::to_string(id), fails ? 500 : 200));
        }
        const std::string link =
            page == last ? std::string() : next_link(list + "&cursor=p" + std::to_string(page + 1));
        const std::string address = page == 1 ? list : list + "&cursor=p" + std::to_string(page);
        host.on("GET", address).reply(200, deliveries.dump(), {{"Link", link}});
    }
    host.on("POST", hooks + "/9/deliveries/*").reply(202, "{}");
    const call_result result =
        host.run("sweepFailedDeliveries", with(of_octo, "webhook", 9), token_connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(attempts(host), (std::vector<std::string>{"/9/deliveries/8701/attempts",
                                                        "/9/deliveries/8702/attempts"}));
    EXPECT_EQ(result.output["more"], json(false));
}

TEST(github_sweep, ends_somewhere_and_says_so) {
    mock_host host(sluice_connector_v1);
    json deliveries = json::array();
    for (int i = 0; i < 100; ++i)
        deliveries.push(delivery(1000 + i, "g" + std::to_string(i), 200));
    auto& pages = host.on("GET", hooks + "/9/deliveries*");
    for (int i = 0; i < 60; ++i) {
        pages.reply(200, deliveries.dump(),
                    {{"Link", next_link(hooks + "?page=" + std::to_string(i))}});
    }
    const call_result result =
        host.run("sweepFailedDeliveries", with(of_octo, "webhook", 9), token_connection());
    EXPECT_EQ(result.output["more"], json(true)) << result.explain();
    EXPECT_EQ(host.requests().size(), 50u);
}

TEST(github_sweep, looks_at_our_webhooks_alone) {
    mock_host host(sluice_connector_v1);
    host.on("GET", hooks + "?per_page=100")
        .reply(200, json::array({hook(1, "https://old.test/hooks/A"), hook(2, "https://ci.test/x"),
                                 hook(3, "https://new.test/hooks/B")})
                        .dump());
    host.on("GET", hooks + "/1/deliveries*").reply(200, "[]");
    host.on("GET", hooks + "/3/deliveries*")
        .reply(200, json::array({delivery(7, "a", 500)}).dump());
    host.on("POST", hooks + "/3/deliveries/*").reply(202, "{}");
    const json ours = json::array({"https://new.test/hooks/A", "https://new.test/hooks/B"});
    const call_result result =
        host.run("sweepFailedDeliveries", with(of_octo, "ours", ours), token_connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output["webhooks"], json(2));
    EXPECT_EQ(attempts(host), (std::vector<std::string>{"/3/deliveries/7/attempts"}));
}

TEST(github_sweep, leaves_out_what_github_has_no_more_and_stops_at_most) {
    mock_host host(sluice_connector_v1);
    host.on("GET", hooks + "/9/deliveries*")
        .reply(200,
               json::array({delivery(4, "a", 500), delivery(3, "b", 500), delivery(2, "c", 500)})
                   .dump());
    host.on("POST", hooks + "/9/deliveries/2/attempts").reply(404, "{}");
    host.on("POST", hooks + "/9/deliveries/*").reply(202, "{}");
    json input = with(of_octo, "webhook", 9);
    input.set("most", 1);
    const call_result result = host.run("sweepFailedDeliveries", input, token_connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output["gone"], json(1));
    EXPECT_EQ(result.output["redelivered"].size(), 1u);
    EXPECT_EQ(result.output["more"], json(true));
}

TEST(github_sweep, ends_with_a_limit_of_github) {
    mock_host host(sluice_connector_v1);
    host.on("GET", hooks + "/9/deliveries*")
        .reply(200, json::array({delivery(4, "a", 500)}).dump());
    host.on("POST", hooks + "/9/deliveries/*").reply(429, "{}", {{"Retry-After", "7"}});
    const call_result result =
        host.run("sweepFailedDeliveries", with(of_octo, "webhook", 9), token_connection());
    EXPECT_EQ(result.error.code, SLUICE_RATE_LIMITED) << result.explain();
    EXPECT_EQ(result.error.retry_after_ms, 7000u);
}

}  // namespace
}  // namespace sluice::github::testing
