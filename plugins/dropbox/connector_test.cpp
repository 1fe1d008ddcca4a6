#include <sluice/testing/descriptor.hpp>

#include "dropbox_testing.hpp"

namespace sluice::dropbox::testing {
namespace {

TEST(dropbox_connector, does_what_its_descriptor_says) {
    const auto problems = sluice::testing::descriptor_problems(
        *sluice_connector_v1(), sluice::testing::embedded_descriptor());
    EXPECT_TRUE(problems.empty()) << problems.front();
}

TEST(dropbox_connector, refuses_input_that_lacks_required_members) {
    mock_host host(sluice_connector_v1);
    const auto problems = sluice::testing::missing_input_problems(
        host, sluice::testing::embedded_descriptor(), connection());
    EXPECT_TRUE(problems.empty()) << problems.front();
    EXPECT_TRUE(host.requests().empty());
}

void answer_everything(mock_host& host) {
    host.on("POST", content_base + "files/download")
        .reply(200, "", {{"Dropbox-API-Result", R"({"name": "a.csv"})"}});
    host.on("POST", api_base + "*")
        .reply(200, R"({"entries": [], "cursor": "c", "links": [], "metadata": {}})");
    host.on("POST", content_base + "*").reply(200, R"({"name": "may.txt"})");
    host.on("POST", notify_base + "*").reply(200, R"({"changes": true, "backoff": 5})");
}

TEST(dropbox_connector, runs_the_examples_of_its_descriptor) {
    const json descriptor = json::parse(sluice::testing::embedded_descriptor());
    mock_host host(sluice_connector_v1);
    answer_everything(host);
    for (const auto& [id, action] : descriptor["actions"].members()) {
        EXPECT_FALSE(action["examples"].empty()) << id;
        for (const json& example : action["examples"].items()) {
            const call_result result = host.run(id, example["input"], connection());
            EXPECT_TRUE(result.ok) << id << ": " << result.explain();
        }
    }
}

// Cancelled at any of its host operations, an action still ends, once and as cancelled.
TEST(dropbox_connector, ends_when_it_is_cancelled) {
    const json descriptor = json::parse(sluice::testing::embedded_descriptor());
    mock_host host(sluice_connector_v1);
    answer_everything(host);
    for (const auto& [id, action] : descriptor["actions"].members()) {
        for (const json& example : action["examples"].items()) {
            const json input = example["input"];
            const unsigned operations = host.run(id, input, connection()).operations;
            for (unsigned n = 0; n < operations; ++n) {
                const call_result result = host.run_cancelled_at(n, id, input, connection());
                EXPECT_TRUE(result.problems.empty()) << id << ": " << result.explain();
                EXPECT_TRUE(result.ok || result.error.code == SLUICE_CANCELLED)
                    << id << ": " << result.explain();
            }
        }
    }
    EXPECT_TRUE(host.problems().empty());
}

TEST(dropbox_connector, reports_broken_and_strange_answers_as_trouble_on_the_way) {
    const json descriptor = json::parse(sluice::testing::embedded_descriptor());
    mock_host host(sluice_connector_v1);
    const std::string deep = std::string(10'000, '[');
    for (const std::string host_name : {"api", "content", "notify"}) {
        host.on("POST", "https://" + host_name + ".dropboxapi.com/*")
            .fail(SLUICE_UNAVAILABLE, "the connection was reset")
            .fail(SLUICE_TIMEOUT, "no answer in time")
            .reply(200, "<html>maintenance</html>")
            .reply(200, "{\"entries\": [")
            .reply(200, deep)
            .reply(503, std::string(2'000'000, 'x'))
            .reply(302, "", {{"Location", "https://elsewhere.test/"}})
            .reply(502, "");
    }
    for (const auto& [id, action] : descriptor["actions"].members()) {
        if (id == "receiveNotification") continue;  // it asks nobody
        for (const json& example : action["examples"].items()) {
            for (int i = 0; i < 3; ++i) {
                const call_result result = host.run(id, example["input"], connection());
                EXPECT_TRUE(result.error.code == SLUICE_UNAVAILABLE ||
                            result.error.code == SLUICE_TIMEOUT)
                    << id << ": " << result.explain();
                EXPECT_LT(result.error.message.size(), 2000u);
            }
        }
    }
}

}  // namespace
}  // namespace sluice::dropbox::testing
