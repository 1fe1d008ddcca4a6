#include "manifest/callback_flow.hpp"

#include <gtest/gtest.h>

#include "manifest/load.hpp"

namespace sluice::manifest {
namespace {

std::string with_flows(const std::string& flows) {
    return R"(manifest: "1"
integration: { namespace: test, name: one, version: 1.0.0 }
config: { key: { type: secret } }
flows:
)" + flows;
}

const std::string report = R"(  report:
    trigger: { webhook: {} }
    record: metadata
    callback: { url: "${ .body.replyTo }", secret: { $ref: config.key } }
    do: [ { a: { set: 1 } } ]
)";

TEST(callback_flow, each_flow_with_a_callback_has_one_that_delivers_its_results) {
    const auto loaded = parse_integration(with_flows(report), "test.yaml");
    ASSERT_TRUE(loaded.content);
    const flow* made = loaded.content->find_flow("report.callback");
    ASSERT_NE(made, nullptr);
    EXPECT_TRUE(std::holds_alternative<callback_trigger>(made->trigger));
    EXPECT_FALSE(made->callback) << "deliveries are not told about again";
    EXPECT_EQ(made->record, flow::record_kind::metadata);
    ASSERT_TRUE(made->retry);
    EXPECT_EQ(made->retry->max_retries, 7);
    EXPECT_EQ(call_tasks(*made).size(), 1u);
    EXPECT_EQ(loaded.content->flows.size(), 2u);
}

TEST(callback_flow, keeps_its_name_for_itself) {
    const auto loaded = parse_integration(
        with_flows(report +
                   "  report.callback: { trigger: { call: {} }, do: [ { a: { set: 1 } } ] }\n"),
        "test.yaml");
    ASSERT_EQ(loaded.problems.size(), 1u);
    EXPECT_NE(loaded.problems[0].to_text().find("test.yaml:10:"), std::string::npos)
        << loaded.problems[0].to_text();
}

TEST(callback_flow, cannot_be_called_by_manifests) {
    const auto loaded = parse_integration(
        with_flows("  a: { trigger: { call: {} }, do: [ { b: { call: callback.post } } ] }\n"),
        "test.yaml");
    EXPECT_FALSE(loaded.content);
}

}  // namespace
}  // namespace sluice::manifest
