// Servers that are not OpenSSH's.
#include "scripted_server_testing.hpp"

namespace sluice::sftp::testing {
namespace {

struct sftp_other_servers : ::testing::Test {
    mock_host host{sluice_connector_v1};

    call_result run(const scripted_server& server, const char* action, const json& input) {
        return host.run(action, input, server.connection());
    }
};

TEST_F(sftp_other_servers, let_a_user_in_by_password_in_either_way) {
    for (const bool asks : {false, true}) {
        const scripted_server server({.asks_for_password = asks});
        const call_result good = run(server, "checkConnection", json::object());
        ASSERT_TRUE(good.ok) << asks << ": " << good.explain();
        EXPECT_FALSE(good.output.get_or("replacesInOneStep", true));
        json other = server.connection();
        other.set("password", "wr0ng");
        const call_result bad = host.run("checkConnection", json::object(), other);
        EXPECT_EQ(bad.error.code, SLUICE_AUTH) << asks << ": " << bad.explain();
    }
}

TEST_F(sftp_other_servers, replace_in_two_steps) {
    scripted_server server;
    server.write("from", "new");
    server.write("to", "old");
    const json input{{"from", "from"}, {"to", "to"}, {"overwrite", "replace"}};
    const call_result moved = run(server, "move", input);
    ASSERT_TRUE(moved.ok) << moved.explain();
    EXPECT_EQ(server.names(), "to");
    EXPECT_EQ(server.read("to"), "new");
    EXPECT_TRUE(run(server, "move", input).output.get_or("repeated", false));
    const json upload{{"path", "to"}, {"text", "newer"}, {"overwrite", "replace"}};
    EXPECT_TRUE(run(server, "upload", upload).ok);
    EXPECT_EQ(server.read("to"), "newer");
    EXPECT_TRUE(run(server, "claim", json{{"path", "to"}}).ok);
    EXPECT_EQ(server.names().substr(0, 11), "processing/");
}

TEST_F(sftp_other_servers, may_take_small_writes_only) {
    const std::string bytes = some_bytes(700'000);
    for (const bool closes : {false, true}) {
        scripted_server server({.largest_write = 32 * 1024, .closes_on_large_writes = closes});
        const json input{{"path", "a"}, {"file", host.add_blob("x/y", bytes)}};
        const call_result result = run(server, "upload", input);
        ASSERT_TRUE(result.ok) << closes << ": " << result.explain();
        EXPECT_TRUE(server.read("a") == bytes) << closes;
        EXPECT_EQ(server.names(), "a");
    }
}

TEST_F(sftp_other_servers, may_give_less_than_was_asked_for) {
    const std::string bytes = some_bytes(300'000);
    for (const std::size_t most : {std::size_t{5000}, std::size_t{20'000}}) {
        scripted_server server({.largest_read = most});
        server.write("a", bytes);
        const call_result result = run(server, "download", json{{"path", "a"}});
        ASSERT_TRUE(result.ok) << most << ": " << result.explain();
        EXPECT_TRUE(host.blob_bytes(result.output["file"]) == bytes) << most;
    }
}

TEST_F(sftp_other_servers, may_tell_only_at_the_end_that_the_disk_is_full) {
    for (const bool stuck : {false, true}) {
        scripted_server server({.refuses_to_close_written = true, .refuses_to_remove = stuck});
        const call_result result = run(server, "upload", json{{"path", "a"}, {"text", "x"}});
        EXPECT_EQ(result.error.code, SLUICE_UNAVAILABLE) << result.explain();
        EXPECT_NE(result.error.message.find("cannot write"), std::string::npos);
        EXPECT_EQ(server.names().empty(), !stuck);
    }
}

TEST_F(sftp_other_servers, may_list_for_ever) {
    const scripted_server server({.lists = listing::endless_points});
    const call_result result = run(server, "list", json::object());
    EXPECT_EQ(result.error.code, SLUICE_UNSUPPORTED) << result.explain();
}

TEST_F(sftp_other_servers, may_list_names_that_no_file_has) {
    const scripted_server server({.lists = listing::long_names});
    const call_result result = run(server, "list", json::object());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output["items"].size(), 1u);
    EXPECT_EQ(result.output.get_or("unusableNames", 0), 2);
}

TEST_F(sftp_other_servers, may_answer_with_nonsense) {
    for (const listing how : {listing::nameless, listing::garbage}) {
        const scripted_server server({.lists = how});
        const call_result result = run(server, "list", json::object());
        EXPECT_TRUE(result.problems.empty()) << result.explain();
        if (result.ok) {
            EXPECT_EQ(result.output["items"].size(), 0u);
        }
    }
}

}  // namespace
}  // namespace sluice::sftp::testing
