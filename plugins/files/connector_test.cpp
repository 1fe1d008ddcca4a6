#include <sluice/testing/descriptor.hpp>

#include "files_testing.hpp"

namespace files::testing {
namespace {

class files_connector : public files_test {};

TEST_F(files_connector, does_what_its_descriptor_says) {
    const auto problems = sluice::testing::descriptor_problems(
        *sluice_connector_v1(), sluice::testing::embedded_descriptor());
    EXPECT_TRUE(problems.empty()) << problems.front();
}

TEST_F(files_connector, runs_the_examples_of_its_descriptor) {
    const json descriptor = json::parse(sluice::testing::embedded_descriptor());
    for (const auto& [id, action] : descriptor["actions"].members()) {
        for (const json& example : action["examples"].items()) {
            put(root / "in/a.csv", "1");
            put(root / "in/processing/0123456789abcdef-a.csv", "1");
            const call_result result = run(id.c_str(), example["input"]);
            EXPECT_TRUE(result.ok) << id << ": " << result.explain();
        }
    }
}

TEST_F(files_connector, refuses_input_that_lacks_required_members) {
    const json descriptor = json::parse(sluice::testing::embedded_descriptor());
    for (const auto& [id, action] : descriptor["actions"].members()) {
        for (const json& missing : action["input"]["required"].items()) {
            for (const json& bad : {json(), json(7)}) {
                json input = action["examples"][0]["input"];
                input.set(missing.as_string(), bad);
                const call_result result = run(id.c_str(), input);
                EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT)
                    << id << " without " << missing.as_string() << ": " << result.explain();
            }
        }
    }
}

}  // namespace
}  // namespace files::testing
