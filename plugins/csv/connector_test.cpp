#include <sluice/testing/descriptor.hpp>

#include "csv_testing.hpp"

namespace csv::testing {
namespace {

TEST(csv_connector, does_what_its_descriptor_says) {
    const auto problems = sluice::testing::descriptor_problems(
        *sluice_connector_v1(), sluice::testing::embedded_descriptor());
    EXPECT_TRUE(problems.empty()) << problems.front();
}

TEST(csv_connector, runs_the_examples_of_its_descriptor) {
    const json descriptor = json::parse(sluice::testing::embedded_descriptor());
    mock_host host(sluice_connector_v1);
    for (const auto& [id, action] : descriptor["actions"].members()) {
        for (const json& example : action["examples"].items()) {
            json input = example["input"];
            if (input.contains("files")) {  // those of the example are nowhere
                const json file = host.add_blob("text/csv", "id\n1\n");
                input.set("files", json::array({file, file}));
            }
            const call_result result = host.run(id, input);
            EXPECT_TRUE(result.ok) << id << ": " << result.explain();
        }
    }
}

TEST(csv_connector, refuses_input_that_is_none) {
    mock_host host(sluice_connector_v1);
    for (const char* action : {"parse", "inspect", "write", "concatenate"}) {
        for (const json& input : {json(), json::array(), json("x"), json::object()}) {
            EXPECT_EQ(host.run(action, input).error.code, SLUICE_INVALID_INPUT) << action;
        }
    }
}

}  // namespace
}  // namespace csv::testing
