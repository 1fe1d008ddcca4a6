#include <sluice/testing/descriptor.hpp>

#include "mail_testing.hpp"

namespace sluice::mail::testing {
namespace {

TEST(mail_connector, does_what_its_descriptor_says) {
    const auto problems = sluice::testing::descriptor_problems(
        *sluice_connector_v1(), sluice::testing::embedded_descriptor());
    EXPECT_TRUE(problems.empty()) << problems.front();
}

json nowhere(const std::string& action) {
    const bool sends = action == "send" || action == "checkSmtp";
    return json{{"type", sends ? "smtp" : "imap"},
                {"host", "127.0.0.1"},
                {"port", 9},
                {"username", "ada"},
                {"password", "s3cr3t"},
                {"from", "noreply@acme.example"}};
}

TEST(mail_connector, refuses_input_that_lacks_required_members) {
    mock_host host(sluice_connector_v1);
    const auto problems = sluice::testing::missing_input_problems(
        host, sluice::testing::embedded_descriptor(), nowhere("moveMessage"));
    EXPECT_TRUE(problems.empty()) << problems.front();
}

bool tells(const json& action, const char* code) {
    for (const json& error : action["errors"].items()) {
        if (error["code"] == json(code)) return true;
    }
    return false;
}

TEST(mail_connector, tells_each_failure_that_its_actions_have_in_common) {
    const json descriptor = json::parse(sluice::testing::embedded_descriptor());
    for (const auto& [id, action] : descriptor["actions"].members()) {
        for (const char* code : {"invalid_input", "auth", "unavailable", "timeout"})
            EXPECT_TRUE(tells(action, code)) << id << " does not tell of " << code;
        if (nowhere(id)["type"] == json("smtp")) continue;
        for (const char* code : {"rate_limited", "internal"})
            EXPECT_TRUE(tells(action, code)) << id << " does not tell of " << code;
    }
    for (const auto& [type, connection] : descriptor["connections"].members()) {
        for (const auto& [name, field] : connection["fields"]["properties"].members())
            EXPECT_FALSE(field.get_or("title", "").empty()) << type << "." << name;
    }
}

// Cancelled at any of its host operations, or before it has begun, an action ends.
TEST(mail_connector, ends_when_it_is_cancelled) {
    const json descriptor = json::parse(sluice::testing::embedded_descriptor());
    mock_host host(sluice_connector_v1);
    for (const auto& [id, action] : descriptor["actions"].members()) {
        for (const json& example : action["examples"].items()) {
            json input = example["input"];
            input.erase("attachments");
            for (unsigned n = 0; n < 3; ++n) {
                const call_result result = host.run_cancelled_at(n, id, input, nowhere(id));
                EXPECT_TRUE(result.problems.empty()) << id << ": " << result.explain();
                EXPECT_TRUE(result.error.code == SLUICE_CANCELLED ||
                            result.error.code == SLUICE_UNAVAILABLE)
                    << id << ": " << result.explain();
            }
        }
    }
}

}  // namespace
}  // namespace sluice::mail::testing
