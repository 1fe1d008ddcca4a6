#include "github_testing.hpp"

namespace sluice::github::testing {
namespace {

TEST(github_issues, creates_an_issue_with_what_is_given) {
    mock_host host(sluice_connector_v1);
    host.on("POST", hello + "/issues").reply(201, R"({"id": 1, "number": 4})");
    const json input{{"repository", "octo/hello"},
                     {"title", "It broke"},
                     {"body", "Grüße"},
                     {"labels", json::array({"bug", "ui"})},
                     {"milestone", 2},
                     {"state", "closed"}};  // not a member of a new issue
    const call_result result = host.run("createIssue", input, token_connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output.get_or("number", 0), 4);
    EXPECT_EQ(host.requests().at(0).body_json(), (json{{"title", "It broke"},
                                                       {"body", "Grüße"},
                                                       {"labels", json::array({"bug", "ui"})},
                                                       {"milestone", 2}}));
    EXPECT_EQ(host.requests().at(0).header("Content-Type"), "application/json");
}

TEST(github_issues, refuses_an_empty_title_before_asking) {
    mock_host host(sluice_connector_v1);
    const json input{{"repository", "octo/hello"}, {"title", ""}};
    EXPECT_EQ(host.run("createIssue", input, token_connection()).error.code, SLUICE_INVALID_INPUT);
    EXPECT_TRUE(host.requests().empty());
}

TEST(github_issues, updates_only_what_is_given_and_empties_with_null) {
    mock_host host(sluice_connector_v1);
    host.on("PATCH", hello + "/issues/4").reply(200, R"({"number": 4})");
    const json input{{"repository", "octo/hello"},
                     {"number", 4},
                     {"state", "closed"},
                     {"stateReason", "completed"},
                     {"body", json()}};
    const call_result result = host.run("updateIssue", input, token_connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(host.requests().at(0).body_json(),
              (json{{"body", json()}, {"state", "closed"}, {"state_reason", "completed"}}));
}

TEST(github_issues, refuses_an_update_that_changes_nothing) {
    mock_host host(sluice_connector_v1);
    const json input{{"repository", "octo/hello"}, {"number", 4}};
    EXPECT_EQ(host.run("updateIssue", input, token_connection()).error.code, SLUICE_INVALID_INPUT);
}

TEST(github_issues, refuses_numbers_that_no_issue_has) {
    mock_host host(sluice_connector_v1);
    for (const json& number : {json(0), json(-4), json(1.5), json("4"), json::number("1e30")}) {
        const json input{{"repository", "octo/hello"}, {"number", number}, {"state", "open"}};
        EXPECT_EQ(host.run("updateIssue", input, token_connection()).error.code,
                  SLUICE_INVALID_INPUT)
            << number.dump();
    }
}

TEST(github_issues, lists_with_filters) {
    mock_host host(sluice_connector_v1);
    host.on("GET", hello +
                       "/issues?state=all&since=2026-01-31T12%3A00%3A00Z&sort=updated&direction=asc"
                       "&creator=octocat&assignee=%2A&milestone=2&labels=bug%2Cneeds%20help"
                       "&per_page=20")
        .reply(200, items(1, 3));
    const json input{{"repository", "octo/hello"},
                     {"state", "all"},
                     {"since", "2026-01-31T12:00:00Z"},
                     {"sort", "updated"},
                     {"direction", "asc"},
                     {"creator", "octocat"},
                     {"assignee", "*"},
                     {"milestone", "2"},
                     {"labels", json::array({"bug", "needs help"})},
                     {"limit", 20}};
    const call_result result = host.run("listIssues", input, token_connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output["issues"].size(), 3u);
    EXPECT_TRUE(result.output["nextCursor"].is_null());
}

TEST(github_issues, leaves_out_pull_requests_unless_asked) {
    mock_host host(sluice_connector_v1);
    host.on("GET", hello + "/issues*").reply(200, R"([{"id": 1}, {"id": 2, "pull_request": {}}])");
    json input{{"repository", "octo/hello"}};
    EXPECT_EQ(host.run("listIssues", input, token_connection()).output["issues"].size(), 1u);
    input.set("includePullRequests", true);
    EXPECT_EQ(host.run("listIssues", input, token_connection()).output["issues"].size(), 2u);
}

TEST(github_comments, creates_and_lists_comments) {
    mock_host host(sluice_connector_v1);
    host.on("POST", hello + "/issues/4/comments").reply(201, R"({"id": 7})");
    host.on("GET", hello + "/issues/4/comments?since=2026-01-31T12%3A00%3A00Z&per_page=100")
        .reply(200, items(7, 1));
    json input{{"repository", "octo/hello"}, {"number", 4}, {"body", "Tracked as 17"}};
    const call_result created = host.run("createComment", input, token_connection());
    ASSERT_TRUE(created.ok) << created.explain();
    EXPECT_EQ(host.requests().at(0).body_json(), (json{{"body", "Tracked as 17"}}));
    input.set("since", "2026-01-31T12:00:00Z");
    const call_result listed = host.run("listComments", input, token_connection());
    ASSERT_TRUE(listed.ok) << listed.explain();
    EXPECT_EQ(listed.output["comments"][0].get_or("id", 0), 7);
}

}  // namespace
}  // namespace sluice::github::testing
