#include <sluice/testing/descriptor.hpp>

#include "salesforce_testing.hpp"

namespace sluice::salesforce::testing {
namespace {

TEST(salesforce_connector, does_what_its_descriptor_says) {
    const auto problems = sluice::testing::descriptor_problems(
        *sluice_connector_v1(), sluice::testing::embedded_descriptor());
    EXPECT_TRUE(problems.empty()) << problems.front();
}

TEST(salesforce_connector, refuses_input_that_lacks_required_members) {
    mock_host host(sluice_connector_v1);
    const json file = host.add_blob("text/csv", "Name\nAcme\n");
    const auto problems = sluice::testing::missing_input_problems(
        host, sluice::testing::embedded_descriptor(), connection(),
        [&](const std::string& action, json& input) {
            if (action == "bulkIngest") input.set("file", file);
        });
    EXPECT_TRUE(problems.empty()) << problems.front();
    EXPECT_TRUE(host.requests().empty());
}

// Answers that fit most of the actions.
void answer_everything(mock_host& host) {
    const std::string identity =
        R"({"identity": "https://login.salesforce.com/id/00Dxx0000001gPLEAY/005xx000001Sv6eAAC"})";
    const std::string one = R"([{"id": "001xx000003DGb2AAG", "success": true, "errors": []}])";
    host.on("GET", base).reply(200, identity);
    host.on("GET", base + "/sobjects/User/*").reply(200, R"({"Username": "ada@example.com"})");
    host.on("GET", base + "/tooling/query*").reply(200, R"({"records": []})");
    host.on("GET", base + "/jobs/*")
        .reply(200, R"({"id": "7505g00000TcBxgAAF", "state": "JobComplete", "records": []})");
    host.on("POST", base + "/composite").reply(200, R"({"compositeResponse": [{}, {}]})");
    host.on("POST", base + "/composite/sobjects")
        .reply(200, one.substr(0, one.size() - 1) + "," + one.substr(1));
    host.on("PATCH", base + "/composite/sobjects*").reply(200, one);
    host.on("DELETE", base + "/composite/sobjects*").reply(200, one);
    host.on("GET", base + "*").reply(200, R"({"done": true, "records": [], "fields": []})");
    host.on("POST", base + "*").reply(201, R"({"id": "7505g00000TcBxgAAF", "state": "Open"})");
    host.on("PUT", base + "*").reply(201, "");
    host.on("PATCH", base + "*").reply(200, R"({"id": "7505g00000TcBxgAAF", "created": true})");
    host.on("DELETE", base + "*").reply(204, "");
}

TEST(salesforce_connector, runs_the_examples_of_its_descriptor) {
    const json descriptor = json::parse(sluice::testing::embedded_descriptor());
    mock_host host(sluice_connector_v1);
    answer_everything(host);
    const json file = host.add_blob("text/csv", "Name\nAcme\n");
    for (const auto& [id, action] : descriptor["actions"].members()) {
        EXPECT_FALSE(action["examples"].empty()) << id;
        for (const json& example : action["examples"].items()) {
            json input = example["input"];
            if (id == "bulkIngest") input.set("file", file);
            const call_result result = host.run(id, input, connection());
            EXPECT_TRUE(result.ok) << id << ": " << result.explain();
            for (const json& promised : action["output"]["required"].items()) {
                EXPECT_TRUE(result.output.contains(promised.as_string()))
                    << id << " gives no " << promised.as_string();
            }
        }
    }
}

// Cancelled at any of its host operations, every action still ends, once and as cancelled.
TEST(salesforce_connector, ends_when_it_is_cancelled) {
    const json descriptor = json::parse(sluice::testing::embedded_descriptor());
    mock_host host(sluice_connector_v1);
    answer_everything(host);
    const json file = host.add_blob("text/csv", "Name\nAcme\n");
    for (const auto& [id, action] : descriptor["actions"].members()) {
        json input = action["examples"][0]["input"];
        if (id == "bulkIngest") input.set("file", file);
        sluice::testing::call_options options;
        options.idempotency_key = "count";
        const unsigned operations = host.run(id, input, connection(), options).operations;
        for (unsigned n = 0; n < operations; ++n) {
            options.idempotency_key = "cancelled-" + std::to_string(n);
            const call_result result = host.run_cancelled_at(n, id, input, connection(), options);
            EXPECT_EQ(result.error.code, SLUICE_CANCELLED)
                << id << " at " << n << ": " << result.explain();
            EXPECT_TRUE(result.problems.empty()) << id << ": " << result.explain();
        }
    }
}

// Text fields of the descriptor are for people: none is left out.
TEST(salesforce_connector, explains_every_property) {
    const json descriptor = json::parse(sluice::testing::embedded_descriptor());
    for (const auto& [id, action] : descriptor["actions"].members()) {
        EXPECT_FALSE(action.get_or("description", "").empty()) << id;
        for (const char* const side : {"input", "output"}) {
            for (const auto& [name, property] : action[side]["properties"].members()) {
                EXPECT_TRUE(property.contains("description") || property.contains("properties"))
                    << id << " " << side << " " << name;
            }
        }
    }
}

}  // namespace
}  // namespace sluice::salesforce::testing
