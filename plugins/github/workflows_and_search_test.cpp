#include "github_testing.hpp"

namespace sluice::github::testing {
namespace {

const std::string actions = hello + "/actions";
const json of_hello{{"repository", "octo/hello"}};

TEST(github_workflows, are_started_by_id_and_by_name) {
    mock_host host(sluice_connector_v1);
    host.on("POST", actions + "/workflows/build.yml/dispatches").reply(204, "");
    host.on("POST", actions + "/workflows/17/dispatches").reply(204, "");
    for (const json& workflow : {json("build.yml"), json(17)}) {
        const json input{{"repository", "octo/hello"},
                         {"workflow", workflow},
                         {"ref", "main"},
                         {"inputs", json{{"level", "info"}}}};
        const call_result result = host.run("dispatchWorkflow", input, token_connection());
        EXPECT_EQ(result.output, (json{{"accepted", true}})) << result.explain();
        EXPECT_EQ(host.requests().back().body_json(),
                  (json{{"ref", "main"}, {"inputs", json{{"level", "info"}}}}));
    }
}

TEST(github_workflows, runs_are_listed_and_got) {
    mock_host host(sluice_connector_v1);
    const std::string first = actions + "/workflows/build.yml/runs?status=failure&per_page=1";
    host.on("GET", first)
        .reply(200, R"({"total_count": 2, "workflow_runs": [{"id": 9}]})",
               {{"Link", next_link(first + "&page=2")}});
    host.on("GET", actions + "/runs?per_page=100")
        .reply(200, R"({"total_count": 0, "workflow_runs": []})")
        .reply(200, R"({"total_count": 0})");
    host.on("GET", actions + "/runs/9").reply(200, R"({"id": 9})");
    json input = of_hello;
    input.set("workflow", "build.yml");
    input.set("status", "failure");
    input.set("limit", 1);
    const call_result some = host.run("listWorkflowRuns", input, token_connection());
    EXPECT_EQ(some.output, (json{{"items", json::array({json{{"id", 9}}})},
                                 {"cursor", "status=failure&per_page=1&page=2"},
                                 {"more", true},
                                 {"total", 2}}))
        << some.explain();
    const call_result none = host.run("listWorkflowRuns", of_hello, token_connection());
    EXPECT_EQ(none.output["more"], json(false)) << none.explain();
    EXPECT_EQ(host.run("listWorkflowRuns", of_hello, token_connection()).error.code,
              SLUICE_UNAVAILABLE);
    json run = of_hello;
    run.set("run", 9);
    EXPECT_TRUE(host.run("getWorkflowRun", run, token_connection()).ok);
}

TEST(github_search, asks_in_githubs_words) {
    const std::pair<const char*, const char*> searches[] = {
        {"searchIssues", "/search/issues"},
        {"searchCode", "/search/code"},
        {"searchRepositories", "/search/repositories"}};
    for (const auto& [action, path] : searches) {
        mock_host host(sluice_connector_v1);
        host.on("GET", base + path + "?q=is%3Aopen%20a%26b&order=asc&per_page=100")
            .reply(200, R"({"total_count": 1, "incomplete_results": false, "items": [{"id": 1}]})");
        const json input{{"query", "is:open a&b"}, {"order", "asc"}};
        const call_result result = host.run(action, input, token_connection());
        EXPECT_EQ(result.output, (json{{"items", json::array({json{{"id", 1}}})},
                                       {"cursor", nullptr},
                                       {"more", false},
                                       {"total", 1},
                                       {"incomplete", false}}))
            << result.explain();
    }
}

TEST(github_search, says_when_github_gave_up) {
    mock_host host(sluice_connector_v1);
    const std::string first = base + "/search/issues?q=a&per_page=100";
    host.on("GET", first)
        .reply(200, R"({"total_count": 2, "incomplete_results": true, "items": [{"id": 1}]})",
               {{"Link", next_link(first + "&page=2")}});
    host.on("GET", first + "&page=2")
        .reply(200, R"({"total_count": 2, "incomplete_results": false, "items": [{"id": 2}]})");
    const json input{{"query", "a"}, {"limit", 200}};
    const call_result result = host.run("searchIssues", input, token_connection());
    EXPECT_EQ(result.output["items"].size(), 2u) << result.explain();
    EXPECT_TRUE(result.output.get_or("incomplete", false));
}

TEST(github_installation, lists_its_repositories) {
    mock_host host(sluice_connector_v1);
    host.on("GET", base + "/installation/repositories?per_page=100")
        .reply(200, R"({"total_count": 1, "repositories": [{"id": 1}]})");
    const call_result result =
        host.run("listInstallationRepositories", json::object(), token_connection());
    EXPECT_EQ(result.output["items"].size(), 1u) << result.explain();
}

}  // namespace
}  // namespace sluice::github::testing
