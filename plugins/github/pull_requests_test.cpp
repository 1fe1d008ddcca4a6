#include "github_testing.hpp"

namespace sluice::github::testing {
namespace {

const std::string pulls = hello + "/pulls";
const json number_7{{"repository", "octo/hello"}, {"number", 7}};

TEST(github_pull_requests, are_listed_with_their_filters) {
    mock_host host(sluice_connector_v1);
    const std::string first = pulls + "?state=all&base=main&per_page=2";
    host.on("GET", first).reply(200, items(1, 2), {{"Link", next_link(first + "&page=2")}});
    const json input{
        {"repository", "octo/hello"}, {"state", "all"}, {"base", "main"}, {"limit", 2}};
    const call_result result = host.run("listPullRequests", input, token_connection());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output["items"].size(), 2u);
    EXPECT_EQ(result.output["more"], json(true));
    EXPECT_EQ(result.output["cursor"], json("state=all&base=main&per_page=2&page=2"));
}

TEST(github_pull_requests, are_created_got_and_changed) {
    mock_host host(sluice_connector_v1);
    host.on("POST", pulls).reply(201, R"({"number": 7})");
    host.on("GET", pulls + "/7").reply(200, R"({"number": 7})");
    host.on("PATCH", pulls + "/7").reply(200, R"({"number": 7})");
    host.on("GET", pulls + "/7/files?per_page=100").reply(200, R"([{"filename": "a"}])");
    const json created{{"repository", "octo/hello"},
                       {"title", "Mend"},
                       {"head", "mend"},
                       {"base", "main"},
                       {"draft", true},
                       {"body", nullptr}};
    EXPECT_TRUE(host.run("createPullRequest", created, token_connection()).ok);
    EXPECT_EQ(host.requests().back().body_json(), (json{{"title", "Mend"},
                                                        {"head", "mend"},
                                                        {"base", "main"},
                                                        {"body", nullptr},
                                                        {"draft", true}}));
    EXPECT_TRUE(host.run("getPullRequest", number_7, token_connection()).ok);
    json changed = number_7;
    EXPECT_EQ(host.run("updatePullRequest", changed, token_connection()).error.code,
              SLUICE_INVALID_INPUT);
    changed.set("state", "closed");
    EXPECT_TRUE(host.run("updatePullRequest", changed, token_connection()).ok);
    EXPECT_EQ(host.requests().back().body_json(), (json{{"state", "closed"}}));
    const call_result files = host.run("listPullRequestFiles", number_7, token_connection());
    EXPECT_EQ(files.output["items"][0]["filename"], json("a")) << files.explain();
}

TEST(github_pull_requests, are_merged_as_asked) {
    mock_host host(sluice_connector_v1);
    host.on("PUT", pulls + "/7/merge").reply(200, R"({"sha": "abc", "merged": true})");
    json input = number_7;
    input.set("method", "squash");
    input.set("sha", "head");
    const call_result result = host.run("mergePullRequest", input, token_connection());
    EXPECT_EQ(result.output, (json{{"merged", true}, {"sha", "abc"}, {"already", false}}))
        << result.explain();
    EXPECT_EQ(host.requests().at(0).body_json(),
              (json{{"merge_method", "squash"}, {"sha", "head"}}));
}

TEST(github_pull_requests, that_are_merged_already_are_no_failure) {
    mock_host host(sluice_connector_v1);
    host.on("PUT", pulls + "/7/merge").reply(405, R"({"message": "not mergeable"})");
    host.on("GET", pulls + "/7")
        .reply(200, R"({"merged": true, "merge_commit_sha": "abc", "head": {"sha": "head"}})");
    json input = number_7;
    EXPECT_EQ(host.run("mergePullRequest", input, token_connection()).output,
              (json{{"merged", true}, {"sha", "abc"}, {"already", true}}));
    input.set("sha", "another");
    EXPECT_EQ(host.run("mergePullRequest", input, token_connection()).error.code, SLUICE_CONFLICT);
}

TEST(github_pull_requests, are_tried_again_when_another_merge_was_faster) {
    mock_host host(sluice_connector_v1);
    host.on("PUT", pulls + "/7/merge")
        .reply(405, R"({"message": "Base branch was modified. Review and try the merge again."})");
    host.on("GET", pulls + "/7")
        .reply(200, R"({"merged": false})")
        .reply(200, R"({"merged": true, "merge_commit_sha": "abc"})");
    const call_result first = host.run("mergePullRequest", number_7, token_connection());
    EXPECT_EQ(first.error.code, SLUICE_UNAVAILABLE) << first.explain();
    EXPECT_EQ(first.error.retry_after_ms, 1000u);
    EXPECT_TRUE(host.run("mergePullRequest", number_7, token_connection()).ok);
}

TEST(github_pull_requests, that_cannot_be_merged_are_a_conflict) {
    mock_host host(sluice_connector_v1);
    host.on("PUT", pulls + "/7/merge")
        .reply(405, R"({"message": "Pull Request is not mergeable"})")
        .reply(409, R"({"message": "Head branch was modified"})");
    host.on("GET", pulls + "/7").reply(200, R"({"merged": false})");
    for (int i = 0; i < 2; ++i) {
        EXPECT_EQ(host.run("mergePullRequest", number_7, token_connection()).error.code,
                  SLUICE_CONFLICT);
    }
}

}  // namespace
}  // namespace sluice::github::testing
