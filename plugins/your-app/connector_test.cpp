#include <sluice/testing/descriptor.hpp>

#include "your_app_testing.hpp"

namespace your_app::testing {
namespace {

TEST(your_app_connector, does_what_its_descriptor_says) {
    const auto problems = sluice::testing::descriptor_problems(
        *sluice_connector_v1(), sluice::testing::embedded_descriptor());
    EXPECT_TRUE(problems.empty()) << problems.front();
}

TEST(your_app_connector, refuses_input_that_lacks_required_members) {
    mock_host host(sluice_connector_v1);
    const auto problems = sluice::testing::missing_input_problems(
        host, sluice::testing::embedded_descriptor(), connection());
    EXPECT_TRUE(problems.empty()) << problems.front();
    EXPECT_TRUE(host.requests().empty());
}

TEST(your_app_connector, runs_the_examples_of_its_descriptor) {
    const json descriptor = json::parse(sluice::testing::embedded_descriptor());
    mock_host host(sluice_connector_v1);
    host.on("GET", base + "*")
        .reply(200, R"({"id": "1", "records": [], "webhooks": [], "nextCursor": null})");
    host.on("POST", base + "*").reply(201, R"({"id": "1", "results": []})");
    host.on("PATCH", base + "*").reply(200, R"({"id": "1"})");
    host.on("DELETE", base + "*").reply(204, "");
    for (const auto& [id, action] : descriptor["actions"].members()) {
        for (const json& example : action["examples"].items()) {
            const call_result result = host.run(id, example["input"], connection());
            EXPECT_TRUE(result.ok) << id << ": " << result.explain();
        }
    }
}

TEST(your_app_connector, refuses_connections_that_cannot_work) {
    mock_host host(sluice_connector_v1);
    const json input{{"collection", "tickets"}};
    for (const json& bad : {json(), json{{"baseUrl", base}}, json{{"apiKey", "k"}, {"baseUrl", ""}},
                            json{{"apiKey", "k\r\nX: 1"}, {"baseUrl", base}}}) {
        EXPECT_EQ(host.run("listRecords", input, bad).error.code, SLUICE_INVALID_INPUT)
            << bad.dump();
    }
}

}  // namespace
}  // namespace your_app::testing
