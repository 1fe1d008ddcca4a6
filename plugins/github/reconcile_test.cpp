#include "github_testing.hpp"

namespace sluice::github::testing {
namespace {

const std::string hooks = hello + "/hooks";

json hook(int id, const std::string& address, json events = json::array({"issues"}),
          bool active = true) {
    return json{
        {"id", id},
        {"active", active},
        {"events", std::move(events)},
        {"config", json{{"url", address}, {"content_type", "json"}, {"insecure_ssl", "0"}}}};
}

json wanted(const std::string& address, json events = json::array({"issues"})) {
    return json{{"url", address}, {"events", std::move(events)}};
}

json input_of(std::vector<json> webhooks) {
    return json{{"repository", "octo/hello"},
                {"webhooks", json::array(std::move(webhooks))},
                {"secret", "s3cret"}};
}

void there_are(mock_host& host, std::vector<json> all) {
    host.on("GET", hooks + "?per_page=100").reply(200, json::array(std::move(all)).dump());
}

TEST(github_reconcile, creates_changes_and_deletes_what_is_ours_alone) {
    mock_host host(sluice_connector_v1);
    there_are(host, {hook(1, "https://old.test/hooks/A"), hook(2, "https://new.test/hooks/OTHER"),
                     hook(3, "https://new.test/hooks/B"), hook(4, "https://new.test/hooks/GONE"),
                     hook(5, "https://new.test/hooks/B")});
    host.on("POST", hooks).reply(201, R"({"id": 9})");
    host.on("PATCH", hooks + "/1").reply(200, "{}");
    host.on("DELETE", hooks + "/4").reply(204, "");
    host.on("DELETE", hooks + "/5").reply(204, "");
    json input = input_of({wanted("https://new.test/hooks/A"), wanted("https://new.test/hooks/B"),
                           wanted("https://new.test/hooks/C")});
    input.set("ours", json::array({"https://new.test/hooks/GONE"}));
    const call_result result = host.run("reconcileWebhooks", input, token_connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output, (json{{"created", json::array({9})},
                                   {"changed", json::array({1})},
                                   {"deleted", json::array({4, 5})},
                                   {"unchanged", 1}}));
    const json moved = host.requests().at(1).body_json();
    EXPECT_EQ(moved["config"]["url"].as_string(), "https://new.test/hooks/A");
    EXPECT_EQ(moved["config"]["secret"].as_string(), "s3cret");
}

json with_insecure_ssl(json hook, json value) {
    json config = hook["config"];
    config.set("insecure_ssl", std::move(value));
    return std::move(hook).set("config", std::move(config));
}

TEST(github_reconcile, twice_is_nothing) {
    for (const json& checked : {json("0"), json(0)}) {
        mock_host host(sluice_connector_v1);
        const json there = hook(1, "https://new.test/hooks/A", json::array({"issues", "push"}));
        there_are(host, {with_insecure_ssl(there, checked)});
        const json input =
            input_of({wanted("https://new.test/hooks/A", json::array({"push", "issues"}))});
        const call_result result = host.run("reconcileWebhooks", input, token_connection());
        ASSERT_TRUE(result.ok) << result.explain();
        EXPECT_EQ(result.output.get_or("unchanged", 0), 1);
        EXPECT_EQ(host.requests().size(), 1u);
    }
}

TEST(github_reconcile, what_differs_is_changed) {
    const std::vector<json> differing = {
        hook(1, "https://new.test/hooks/A", json::array({"push"})),
        hook(1, "https://new.test/hooks/A", json::array({"issues"}), false),
        with_insecure_ssl(hook(1, "https://new.test/hooks/A"), "1"),
        with_insecure_ssl(hook(1, "https://new.test/hooks/A"), 1),
        with_insecure_ssl(hook(1, "https://new.test/hooks/A"), json())};
    for (const json& there : differing) {
        mock_host host(sluice_connector_v1);
        there_are(host, {there});
        host.on("PATCH", hooks + "/1").reply(200, "{}");
        const call_result result =
            host.run("reconcileWebhooks", input_of({wanted("https://new.test/hooks/A")}),
                     token_connection());
        ASSERT_TRUE(result.ok) << result.explain();
        EXPECT_EQ(host.requests().at(1).body_json()["active"], json(true));
    }
    mock_host host(sluice_connector_v1);
    there_are(host, {hook(1, "https://new.test/hooks/A")});
    host.on("PATCH", hooks + "/1").reply(200, "{}");
    json input = input_of({wanted("https://new.test/hooks/A")});
    input.set("renewSecret", true);
    EXPECT_TRUE(host.run("reconcileWebhooks", input, token_connection()).ok);
    EXPECT_EQ(host.requests().size(), 2u);
}

TEST(github_reconcile, nothing_wanted_removes_ours_and_needs_no_secret) {
    mock_host host(sluice_connector_v1);
    there_are(host, {hook(1, "https://new.test/hooks/A"), hook(2, "https://ci.test/build")});
    host.on("DELETE", hooks + "/1").reply(204, "");
    const json input{{"repository", "octo/hello"},
                     {"webhooks", json::array()},
                     {"ours", json::array({"https://elsewhere.test/hooks/A"})}};
    const call_result result = host.run("reconcileWebhooks", input, token_connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output["deleted"], json::array({1}));
}

TEST(github_reconcile, creates_no_unsigned_webhook) {
    mock_host host(sluice_connector_v1);
    json input = input_of({wanted("https://new.test/hooks/A")});
    input.set("secret", "");
    EXPECT_EQ(host.run("reconcileWebhooks", input, token_connection()).error.code,
              SLUICE_INVALID_INPUT);
    EXPECT_TRUE(host.requests().empty());
}

}  // namespace
}  // namespace sluice::github::testing
