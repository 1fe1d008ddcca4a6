#include "sftp_testing.hpp"

namespace sluice::sftp::testing {
namespace {

TEST(sftp_new_files, finds_files_of_a_real_server) {
    const testing_server server;
    mock_host host(sluice_connector_v1);
    server.write("a.csv", "12345");
    server.write(".a.csv.part-1", "12");
    server.write("a.xml", "1");
    server.make_folder("folder.csv");
    server.set_modified("a.csv", 1769860800);
    json input{{"folder", server.folder().string()}, {"glob", "*.csv"}, {"cursor", json()}};
    json found;
    for (int i = 0; i < 3; ++i) {
        const call_result result = host.run("listNewFiles", input, connection(server));
        ASSERT_TRUE(result.ok) << result.explain();
        EXPECT_EQ(result.output["items"].size(), i == 1 ? 1u : 0u);
        if (i == 1) found = result.output["items"][0];
        input.set("cursor", result.output["cursor"]);
    }
    const std::string path = server.path("a.csv");
    EXPECT_EQ(found, (json{{"path", path},
                           {"name", "a.csv"},
                           {"size", 5},
                           {"modifiedAt", "2026-01-31T12:00:00Z"},
                           {"key", path + " 5 2026-01-31T12:00:00Z"}}));
    input.set("minAgeSeconds", 60);
    input.set("cursor", json());
    const call_result old = host.run("listNewFiles", input, connection(server));
    EXPECT_EQ(old.output["items"].size(), 1u) << old.explain();
    EXPECT_EQ(old.output.get_or("unusableNames", -1), 0);
    EXPECT_TRUE(old.log.empty());
}

TEST(sftp_new_files, tells_of_files_whose_names_cannot_be_used) {
    const testing_server server;
    mock_host host(sluice_connector_v1);
    server.write("\xE4.csv", "1");
    server.write("\xE4.xml", "1");
    const json input{{"folder", server.folder().string()}, {"glob", "*.csv"}};
    const call_result result = host.run("listNewFiles", input, connection(server));
    EXPECT_EQ(result.output.get_or("unusableNames", 0), 1) << result.explain();
    ASSERT_EQ(result.log.size(), 1u);
    EXPECT_EQ(result.log[0].level, static_cast<std::uint32_t>(SLUICE_LOG_WARNING));
}

}  // namespace
}  // namespace sluice::sftp::testing
