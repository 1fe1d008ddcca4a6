#include <gtest/gtest.h>

#include <sluice/testing/descriptor.hpp>
#include <sluice/testing/mock_host.hpp>
#include <string>
#include <utility>

using sluice::json;
using sluice::testing::mock_host;

namespace {

const std::string items = "https://api.example.com/items";
const json connection{{"type", "token"}, {"baseUrl", "https://api.example.com"}, {"token", "t0p"}};

TEST(@IDENT@, reads_an_item) {
    mock_host host(sluice_connector_v1);
    host.on("GET", items + "/a%2Fb").reply(200, R"({"name": "a nice one"})");
    const auto result = host.run("getItem", {{"id", "a/b"}}, connection);
    EXPECT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output, (json{{"name", "a nice one"}}));
    EXPECT_EQ(host.requests().at(0).header("Authorization"), "Bearer t0p");
}

TEST(@IDENT@, lists_page_after_page) {
    mock_host host(sluice_connector_v1);
    host.on("GET", items + "?limit=2")
        .reply(200, R"({"records": [{"id": "1"}, {"id": "2"}], "nextCursor": "c 2"})");
    host.on("GET", items + "?limit=2&cursor=c%202")
        .reply(200, R"({"records": [{"id": "3"}], "nextCursor": null})");
    const auto first = host.run("listItems", {{"limit", 2}, {"cursor", json()}}, connection);
    ASSERT_TRUE(first.ok) << first.explain();
    EXPECT_EQ(first.output["items"].size(), 2u);
    EXPECT_EQ(first.output["more"], json(true));
    const json at{{"limit", 2}, {"cursor", first.output["cursor"]}};
    const auto last = host.run("listItems", at, connection);
    ASSERT_TRUE(last.ok) << last.explain();
    EXPECT_EQ(last.output["items"].size(), 1u);
    EXPECT_EQ(last.output["more"], json(false));
}

TEST(@IDENT@, says_what_kind_a_refusal_is) {
    const std::pair<unsigned, sluice_code> expected[] = {
        {400, SLUICE_INVALID_INPUT}, {401, SLUICE_AUTH},         {404, SLUICE_NOT_FOUND},
        {429, SLUICE_RATE_LIMITED},  {503, SLUICE_UNAVAILABLE},  {200, SLUICE_UNAVAILABLE},
    };
    for (const auto& [status, code] : expected) {
        mock_host host(sluice_connector_v1);
        host.on("GET", items + "*").reply(status, "<html>", {{"Retry-After", "2"}});
        for (const char* action : {"getItem", "listItems"}) {
            const auto result = host.run(action, {{"id", "7"}}, connection);
            EXPECT_EQ(result.error.code, code) << action << ": " << result.explain();
            EXPECT_EQ(result.error.retry_after_ms, status == 200 ? 0u : 2000u) << status;
            EXPECT_EQ(result.error.message.find("t0p"), std::string::npos);
        }
    }
}

TEST(@IDENT@, passes_on_that_there_is_no_answer) {
    mock_host host(sluice_connector_v1);
    host.on("GET", items + "/1").fail(SLUICE_UNAVAILABLE, "the connection was reset");
    host.on("GET", items + "/2").fail(SLUICE_TIMEOUT, "no answer within 30 s");
    EXPECT_EQ(host.run("getItem", {{"id", "1"}}, connection).error.code, SLUICE_UNAVAILABLE);
    EXPECT_EQ(host.run("getItem", {{"id", "2"}}, connection).error.code, SLUICE_TIMEOUT);
}

TEST(@IDENT@, does_not_take_any_json_for_a_page) {
    for (const char* answer : {"[]", "{}", "7", R"({"records": "none"})"}) {
        mock_host host(sluice_connector_v1);
        host.on("GET", items + "*").reply(200, answer);
        const auto result = host.run("listItems", json::object(), connection);
        EXPECT_EQ(result.error.code, SLUICE_UNAVAILABLE) << answer << ": " << result.explain();
    }
}

TEST(@IDENT@, refuses_what_cannot_work_before_it_asks) {
    mock_host host(sluice_connector_v1);
    for (const json& input : {json::object(), json{{"id", ""}}, json{{"id", ".."}}, json{{"id", 7}}})
        EXPECT_EQ(host.run("getItem", input, connection).error.code, SLUICE_INVALID_INPUT);
    for (const json& input : {json{{"limit", 0}}, json{{"limit", "all"}}, json{{"cursor", 7}}})
        EXPECT_EQ(host.run("listItems", input, connection).error.code, SLUICE_INVALID_INPUT);
    const json bad{{"baseUrl", "api.example.com"}, {"token", "t0p"}};
    EXPECT_EQ(host.run("listItems", json::object(), bad).error.code, SLUICE_INVALID_INPUT);
    EXPECT_TRUE(host.requests().empty());
}

TEST(@IDENT@, ends_when_the_host_asks_for_it) {
    for (const char* action : {"getItem", "listItems"}) {
        mock_host host(sluice_connector_v1);
        host.on("GET", items + "*").reply(200, R"({"records": [], "nextCursor": null})");
        const auto whole = host.run(action, {{"id", "7"}}, connection);
        for (unsigned n = 0; n <= whole.operations; ++n) {
            const auto result = host.run_cancelled_at(n, action, {{"id", "7"}}, connection);
            EXPECT_TRUE(result.problems.empty()) << action << " at " << n << result.explain();
        }
    }
}

TEST(@IDENT@, has_the_actions_of_its_descriptor) {
    const auto problems = sluice::testing::descriptor_problems(
        *sluice_connector_v1(), sluice::testing::embedded_descriptor());
    for (const std::string& problem : problems)
        ADD_FAILURE() << problem;
}

}  // namespace
