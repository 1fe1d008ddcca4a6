#include <sluice/testing/descriptor.hpp>

#include "github_testing.hpp"

namespace sluice::github::testing {
namespace {

TEST(github_connector, does_what_its_descriptor_says) {
    const auto problems = sluice::testing::descriptor_problems(
        *sluice_connector_v1(), sluice::testing::embedded_descriptor());
    EXPECT_TRUE(problems.empty()) << problems.front();
}

TEST(github_connector, refuses_input_that_lacks_required_members) {
    mock_host host(sluice_connector_v1);
    const auto problems = sluice::testing::missing_input_problems(
        host, sluice::testing::embedded_descriptor(), token_connection());
    EXPECT_TRUE(problems.empty()) << problems.front();
    EXPECT_TRUE(host.requests().empty());
}

TEST(github_connector, runs_the_examples_of_its_descriptor) {
    const json descriptor = json::parse(sluice::testing::embedded_descriptor());
    mock_host host(sluice_connector_v1);
    const std::string one = R"({"id": 1, "type": "file", "encoding": "base64"})";
    for (const char* path : {"", "/pulls/7", "/releases/latest", "/contents/docs/guide.md?ref=main",
                             "/actions/runs/30433642"}) {
        host.on("GET", hello + path).reply(200, one);
    }
    host.on("GET", hello + "/actions/*").reply(200, R"({"workflow_runs": []})");
    host.on("GET", base + "/installation/*").reply(200, R"({"repositories": []})");
    host.on("GET", base + "/search/*").reply(200, R"({"items": []})");
    host.on("GET", base + "*").reply(200, "[]");
    host.on("POST", "https://uploads.github.com/*").reply(201, R"({"id": 1})");
    host.on("PUT", hello + "/*").reply(200, R"({"sha": "1"})");
    host.on("POST", base + "*").reply(201, R"({"id": 1})");
    host.on("PATCH", base + "*").reply(200, R"({"id": 1})");
    host.on("DELETE", base + "*").reply(204, "");
    for (const auto& [id, action] : descriptor["actions"].members()) {
        EXPECT_EQ(action["examples"].empty(), id == "verifySignature") << id;
        for (const json& example : action["examples"].items()) {
            json input = example["input"];
            if (input["file"].is_object()) input.set("file", host.add_blob("text/plain", "hello"));
            const call_result result = host.run(id, input, token_connection());
            EXPECT_TRUE(result.ok) << id << ": " << result.explain();
        }
    }
}

// Cancelled at any of its host operations, an action still ends, once and as cancelled.
TEST(github_connector, ends_when_it_is_cancelled) {
    mock_host host(sluice_connector_v1);
    host.on("GET", base + "*")
        .reply(200, items(1, 100), {{"Link", next_link(hello + "/issues?page=2")}});
    const json input{{"repository", "octo/hello"}, {"limit", 200}};
    for (unsigned n = 0; n < 2; ++n) {
        const call_result result =
            host.run_cancelled_at(n, "listIssues", input, token_connection());
        EXPECT_EQ(result.error.code, SLUICE_CANCELLED) << result.explain();
        EXPECT_TRUE(result.problems.empty()) << result.explain();
    }
}

}  // namespace
}  // namespace sluice::github::testing
