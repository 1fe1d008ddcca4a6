#include "sftp_testing.hpp"

namespace sluice::sftp::testing {
namespace {

struct sftp_sessions : ::testing::Test {
    testing_server server;
    tcp_proxy proxy{server.port()};
    mock_host host{sluice_connector_v1};

    call_result run(const char* action, const json& input, const std::string& key = "key-1") {
        return host.run(action, input, connection(server, proxy), step(key));
    }
};

TEST_F(sftp_sessions, serve_one_call_after_the_other) {
    for (int i = 0; i < 5; ++i)
        ASSERT_TRUE(run("exists", json{{"path", "a"}}).ok);
    EXPECT_FALSE(run("stat", json{{"path", "a"}}).ok);  // a refusal does no harm to it
    EXPECT_TRUE(run("list", json::object()).ok);
    EXPECT_EQ(proxy.connections(), 1);
    EXPECT_EQ(host.idle_sessions(), 1u);
}

TEST_F(sftp_sessions, are_replaced_when_they_died_meanwhile) {
    server.write("a", "x");
    for (const char* action : {"stat", "download"}) {
        ASSERT_TRUE(run("exists", json{{"path", "a"}}).ok);
        const int before = proxy.connections();
        server.kill_sessions();
        const call_result result = run(action, json{{"path", "a"}});
        ASSERT_TRUE(result.ok) << action << ": " << result.explain();
        EXPECT_EQ(proxy.connections(), before + 1);
    }
    server.kill_sessions();
    const json input{{"path", "b"}, {"text", "new"}};
    EXPECT_TRUE(run("upload", input).ok);
    EXPECT_EQ(server.read("b"), "new");
}

TEST_F(sftp_sessions, are_not_kept_when_answers_are_still_due) {
    server.write("a", some_bytes(3'000'000));
    const json input{{"path", "a"}};
    const json through = connection(server, proxy);
    ASSERT_FALSE(host.run_cancelled_at(2, "download", input, through).ok);
    EXPECT_EQ(host.idle_sessions(), 0u);
    EXPECT_TRUE(run("download", input).ok);
}

TEST_F(sftp_sessions, end_when_the_server_hangs) {
    json through = connection(server, proxy);
    through.set("timeoutSeconds", 1);
    ASSERT_TRUE(host.run("exists", json{{"path", "a"}}, through).ok);
    proxy.stall_after_down(0);
    const call_result result = host.run("exists", json{{"path", "a"}}, through);
    EXPECT_EQ(result.error.code, SLUICE_TIMEOUT) << result.explain();
    EXPECT_EQ(host.idle_sessions(), 0u);
}

// At whatever byte the connection breaks, the step ends as if it had not.
TEST_F(sftp_sessions, may_break_at_any_moment_of_a_move) {
    for (const std::uint64_t bytes : {3000, 3200, 3400, 3600, 3800, 4000, 4300}) {
        server.write("from", "ours");
        std::filesystem::remove(server.path("to"));
        proxy.cut_after_up(bytes, 1);
        mock_host other(sluice_connector_v1);
        const json input{{"from", "from"}, {"to", "to"}};
        call_result result = other.run("move", input, connection(server, proxy));
        if (!result.ok) result = other.run("move", input, connection(server, proxy));
        ASSERT_TRUE(result.ok) << bytes << ": " << result.explain();
        EXPECT_EQ(server.read("to"), "ours");
        EXPECT_FALSE(server.exists("from"));
    }
}

}  // namespace
}  // namespace sluice::sftp::testing
