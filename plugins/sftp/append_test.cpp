#include "sftp_testing.hpp"

namespace sluice::sftp::testing {
namespace {

struct sftp_append : ::testing::Test {
    testing_server server;
    mock_host host{sluice_connector_v1};

    call_result run(const char* action, const json& input, const std::string& key = "key-1") {
        return host.run(action, input, connection(server), step(key));
    }
};

TEST_F(sftp_append, adds_each_step_once) {
    const json input{{"path", "log.txt"}, {"text", "line\n"}};
    for (const char* key : {"one", "one", "two", "two", "two"}) {
        const call_result result = run("append", input, key);
        ASSERT_TRUE(result.ok) << key << ": " << result.explain();
    }
    EXPECT_EQ(server.read("log.txt"), "line\nline\n");
}

TEST_F(sftp_append, goes_on_behind_what_an_interrupted_try_had_written) {
    server.write("log.txt", "old\nne");
    const json input{{"path", "log.txt"}, {"text", "new\n"}, {"at", 4}};
    for (int i = 0; i < 2; ++i) {
        const call_result result = run("append", input);
        ASSERT_TRUE(result.ok) << result.explain();
        EXPECT_EQ(result.output.get_or("size", 0), 8);
        EXPECT_EQ(server.read("log.txt"), "old\nnew\n");
    }
}

TEST_F(sftp_append, touches_nothing_that_others_changed) {
    server.write("log.txt", "old\nXY");
    for (const int at : {4, 7}) {
        const json input{{"path", "log.txt"}, {"text", "new\n"}, {"at", at}};
        EXPECT_EQ(run("append", input).error.code, SLUICE_CONFLICT);
    }
    EXPECT_EQ(server.read("log.txt"), "old\nXY");
}

TEST_F(sftp_append, takes_files_and_makes_them) {
    const json blob = host.add_blob("text/plain", some_bytes(700'000));
    json input{{"path", "log.bin"}, {"file", blob}, {"create", false}};
    EXPECT_EQ(run("append", input).error.code, SLUICE_NOT_FOUND);
    input.set("create", true);
    ASSERT_TRUE(run("append", input).ok);
    EXPECT_TRUE(server.read("log.bin") == some_bytes(700'000));
}

TEST_F(sftp_append, can_be_cancelled_anywhere) {
    const json input{{"path", "log.txt"}, {"text", "line\n"}};
    const unsigned operations = run("append", input).operations;
    EXPECT_EQ(operations, 4u);
    for (unsigned at = 0; at <= operations; ++at) {
        const call_result result = host.run_cancelled_at(at, "append", input, connection(server),
                                                         step("c" + std::to_string(at)));
        EXPECT_TRUE(result.problems.empty()) << result.explain();
        if (!result.ok) {
            EXPECT_EQ(result.error.code, SLUICE_CANCELLED) << result.explain();
        }
    }
}

TEST_F(sftp_append, remembers_steps_that_came_before_the_last_one) {
    for (const char* key : {"one", "two", "one"}) {
        const json input{{"path", "log.txt"}, {"text", std::string(key) + "\n"}};
        const call_result result = run("append", input, key);
        ASSERT_TRUE(result.ok) << key << ": " << result.explain();
    }
    EXPECT_EQ(server.read("log.txt"), "one\ntwo\n");
}

TEST_F(sftp_append, goes_on_after_a_try_that_ended_anywhere_and_another_step) {
    const json input{{"path", "log.txt"}, {"text", "the same\n"}};
    unsigned n = 0;
    for (bool ended = false; !ended; ++n) {
        server.write("log.txt", "old\n");
        const std::string mine = "mine-" + std::to_string(n);
        ended = host.run_cancelled_at(n, "append", input, connection(server), step(mine)).ok;
        ASSERT_TRUE(run("append", input, "other-" + std::to_string(n)).ok);
        const call_result again = run("append", input, mine);
        ASSERT_TRUE(again.ok) << n << ": " << again.explain();
        EXPECT_EQ(server.read("log.txt"), "old\nthe same\nthe same\n") << n;
    }
    EXPECT_GT(n, 3u);
}

TEST_F(sftp_append, knows_files_with_long_names) {
    std::string path = ".";
    for (int i = 0; i < 3; ++i)
        path += '/' + std::string(100, static_cast<char>('a' + i));
    server.make_folder(path);
    for (int i = 0; i < 2; ++i)
        EXPECT_TRUE(run("append", json{{"path", path + "/log"}, {"text", "x"}}, "k").ok);
    EXPECT_EQ(server.read(path + "/log"), "x");
}

}  // namespace
}  // namespace sluice::sftp::testing
