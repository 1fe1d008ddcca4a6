#include <sluice/testing/descriptor.hpp>

#include "sftp_testing.hpp"

namespace sluice::sftp::testing {
namespace {

TEST(sftp_connector, does_what_its_descriptor_says) {
    const auto problems = sluice::testing::descriptor_problems(
        *sluice_connector_v1(), sluice::testing::embedded_descriptor());
    EXPECT_TRUE(problems.empty()) << problems.front();
}

TEST(sftp_connector, refuses_input_that_lacks_required_members) {
    mock_host host(sluice_connector_v1);
    const auto problems = sluice::testing::missing_input_problems(
        host, sluice::testing::embedded_descriptor(), json());
    EXPECT_TRUE(problems.empty()) << problems.front();
}

TEST(sftp_connector, refuses_options_that_cannot_be) {
    mock_host host(sluice_connector_v1);
    const json large = host.add_blob("text/plain", std::string(9 << 20, 'x'));
    const std::pair<const char*, json> bad[] = {
        {"list", json{{"folder", ""}}},
        {"list", json{{"folder", std::string("a\0b", 3)}}},
        {"list", json{{"folder", std::string(5000, 'x')}}},
        {"list", json{{"glob", "a/*"}}},
        {"list", json{{"glob", std::string(257, '*')}}},
        {"list", json{{"type", "socket"}}},
        {"list", json{{"limit", 0}}},
        {"list", json{{"limit", "many"}}},
        {"list", json{{"cursor", 7}}},
        {"listNewFiles", json{{"cursor", "behind"}}},
        {"listNewFiles", json{{"cursor", "1:AAAA"}}},
        {"listNewFiles", json{{"cursor", 7}}},
        {"listNewFiles", json{{"minAgeSeconds", -1}}},
        {"upload", json{{"path", "a"}}},
        {"upload", json{{"path", "a"}, {"text", 7}}},
        {"upload", json{{"path", "a"}, {"text", ""}, {"overwrite", "keepBoth"}}},
        {"upload", json{{"path", "a"}, {"text", ""}, {"overwrite", "never"}}},
        {"upload", json{{"path", "a"}, {"text", ""}, {"parents", "yes"}}},
        {"upload", json{{"path", "a"}, {"file", json{{"$blob", "no such"}}}}},
        {"append", json{{"path", "a"}, {"text", "x"}, {"at", -1}}},
        {"append", json{{"path", "a"}, {"file", large}}},
        {"move", json{{"from", "a"}, {"to", "b"}, {"size", -1}}},
        {"move", json{{"from", "a"}, {"to", "b"}, {"modifiedAt", "yesterday"}}},
        {"move", json{{"from", "a"}, {"to", "b"}, {"modifiedAt", "2026-02-30T12:00:00Z"}}},
        {"finish", json{{"path", "a"}, {"folder", "b"}, {"name", "../c"}}},
        {"finish", json{{"path", "a"}, {"folder", "b"}, {"name", ".."}}},
    };
    for (const auto& [action, input] : bad) {
        const call_result result = host.run(action, input);
        EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT)
            << action << ' ' << input.dump().substr(0, 99) << ": " << result.explain();
        EXPECT_EQ(result.error.message.find("the connection"), std::string::npos)
            << action << ' ' << result.explain();
    }
}

// In the examples /in stands for a folder of the test.
json in_folder(const json& example, const testing_server& server) {
    json input = example;
    for (const auto& [name, value] : example.members()) {
        const bool is_path = value.is_string() && value.as_string().starts_with('/');
        if (is_path) input.set(name, server.folder().string() + value.as_string());
    }
    return input;
}

TEST(sftp_connector, runs_the_examples_of_its_descriptor) {
    const json descriptor = json::parse(sluice::testing::embedded_descriptor());
    for (const auto& [id, action] : descriptor["actions"].members()) {
        const testing_server server;
        for (const char* folder : {"in", "in/processing", "out", "old"})
            server.make_folder(folder);
        server.write("in/orders.csv", "id\n1\n");
        server.write("in/processing/0123456789abcdef-orders.csv", "id\n1\n");
        mock_host host(sluice_connector_v1);
        ASSERT_FALSE(action["examples"].empty()) << id;
        for (const json& example : action["examples"].items()) {
            const json input = in_folder(example["input"], server);
            const call_result result = host.run(id, input, connection(server));
            EXPECT_TRUE(result.ok) << id << ": " << result.explain();
        }
    }
}

}  // namespace
}  // namespace sluice::sftp::testing
