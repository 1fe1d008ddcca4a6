#include <sluice/testing/descriptor.hpp>

#include "xml_testing.hpp"

namespace xml::testing {
namespace {

TEST(xml_connector, does_what_its_descriptor_says) {
    const auto problems = sluice::testing::descriptor_problems(
        *sluice_connector_v1(), sluice::testing::embedded_descriptor());
    EXPECT_TRUE(problems.empty()) << problems.front();
}

TEST(xml_connector, runs_the_examples_of_its_descriptor) {
    const json descriptor = json::parse(sluice::testing::embedded_descriptor());
    mock_host host(sluice_connector_v1);
    for (const auto& [id, action] : descriptor["actions"].members()) {
        for (const json& example : action["examples"].items()) {
            const call_result result = host.run(id, example["input"]);
            EXPECT_TRUE(result.ok) << id << ": " << result.explain();
        }
    }
}

TEST(xml_connector, refuses_input_that_is_none) {
    mock_host host(sluice_connector_v1);
    for (const char* action : {"parse", "parseItems", "write"}) {
        for (const json& input : {json(), json::array(), json("x"), json::object()}) {
            EXPECT_EQ(host.run(action, input).error.code, SLUICE_INVALID_INPUT) << action;
        }
    }
}

}  // namespace
}  // namespace xml::testing
