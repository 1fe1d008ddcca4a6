#include <sluice/testing/descriptor.hpp>

#include "http_testing.hpp"

namespace sluice::http::testing {
namespace {

TEST(http_connector, does_what_its_descriptor_says) {
    const auto problems = sluice::testing::descriptor_problems(
        *sluice_connector_v1(), sluice::testing::embedded_descriptor());
    EXPECT_TRUE(problems.empty()) << problems.front();
}

TEST(http_connector, runs_the_examples_of_its_descriptor) {
    const json descriptor = json::parse(sluice::testing::embedded_descriptor());
    const json actions = descriptor["actions"];
    for (const auto& [id, action] : actions.members()) {
        EXPECT_FALSE(action["examples"].empty()) << id;
        for (const json& example : action["examples"].items()) {
            mock_host host(sluice_connector_v1);
            host.on("GET", base + "*").reply(200, "[]", as_json);
            host.on("POST", base + "*").reply(201, "{}", as_json);
            host.on("PUT", base + "*").reply(201, "{}", as_json);
            json input = example["input"];
            if (input.contains("file")) input.set("file", host.add_blob("application/pdf", "%PDF"));
            const call_result result = host.run(id, input, with_bearer());
            EXPECT_TRUE(result.ok) << id << ": " << result.explain();
        }
    }
}

TEST(http_connector, everything_that_it_says_of_itself_is_explained) {
    const json descriptor = json::parse(sluice::testing::embedded_descriptor());
    const json actions = descriptor["actions"];
    for (const auto& [id, action] : actions.members()) {
        EXPECT_FALSE(action["description"].empty()) << id;
        for (const char* side : {"input", "output"}) {
            for (const auto& [name, property] : action[side]["properties"].members())
                EXPECT_FALSE(property["description"].empty()) << id << " " << name;
        }
    }
    const json connections = descriptor["connections"];
    for (const auto& [type, connection] : connections.members())
        EXPECT_EQ(connection["test"], json("testConnection")) << type;
}

}  // namespace
}  // namespace sluice::http::testing
