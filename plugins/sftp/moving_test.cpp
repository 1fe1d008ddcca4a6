#include <sluice/claimed_name.hpp>
#include "sftp_testing.hpp"

namespace sluice::sftp::testing {
namespace {

struct moving : ::testing::Test {
    testing_server server;
    mock_host host{sluice_connector_v1};

    call_result run(const char* action, const json& input, const std::string& key = "key-1") {
        return host.run(action, input, connection(server), step(key));
    }
    std::string claim(const std::string& key = "claim") {
        const call_result claimed = run("claim", json{{"path", "in/a.csv"}}, key);
        EXPECT_TRUE(claimed.ok) << claimed.explain();
        return claimed.output.get_or("path", "");
    }
    void SetUp() override {
        server.make_folder("in");
        server.write("in/a.csv", "ours");
    }
};
using sftp_move = moving;
using sftp_claim = moving;
using sftp_append = moving;
using names = std::vector<std::string>;

TEST_F(sftp_move, keeps_what_is_there_unless_told_otherwise) {
    json input{{"from", "in/a.csv"}, {"to", "in/b.csv"}};
    server.write("in/b.csv", "theirs");
    EXPECT_EQ(run("move", input).error.code, SLUICE_CONFLICT);
    EXPECT_EQ(server.read("in/b.csv"), "theirs");
    input.set("overwrite", "keepBoth");
    const call_result both = run("move", input);
    ASSERT_TRUE(both.ok) << both.explain();
    const std::string path = both.output.get_or("path", "");
    EXPECT_EQ(path.substr(0, 5), "in/b.");
    EXPECT_TRUE(path.ends_with(".csv"));
    EXPECT_EQ(server.read(path), "ours");
    EXPECT_EQ(server.read("in/b.csv"), "theirs");
    const json replace{{"from", path}, {"to", "in/b.csv"}, {"overwrite", "replace"}};
    ASSERT_TRUE(run("move", replace).ok);
    EXPECT_EQ(server.read("in/b.csv"), "ours");
    EXPECT_EQ(server.names("in"), names{"b.csv"});
}

TEST_F(sftp_move, can_be_repeated_after_it_was_done) {
    for (const char* overwrite : {"fail", "replace", "keepBoth"}) {
        server.write("in/a.csv", "ours");
        std::filesystem::remove(server.path("in/b.csv"));
        const json input{{"from", "in/a.csv"}, {"to", "in/b.csv"}, {"overwrite", overwrite}};
        const call_result first = run("move", input);
        ASSERT_TRUE(first.ok) << first.explain();
        EXPECT_FALSE(first.output.get_or("repeated", true));
        const call_result again = run("move", input);
        ASSERT_TRUE(again.ok) << overwrite << ": " << again.explain();
        EXPECT_TRUE(again.output.get_or("repeated", false));
        EXPECT_EQ(again.output["path"], first.output["path"]);
    }
}

TEST_F(sftp_move, makes_sure_that_it_is_the_same_file) {
    server.set_modified("in/a.csv", 1769860800);
    json input{{"from", "in/a.csv"}, {"to", "in/b.csv"}, {"size", 5}};
    EXPECT_EQ(run("move", input).error.code, SLUICE_CONFLICT);
    input.set("size", 4);
    input.set("modifiedAt", "2026-01-31T12:00:01Z");
    EXPECT_EQ(run("move", input).error.code, SLUICE_CONFLICT);
    input.set("modifiedAt", "2026-01-31T12:00:00Z");
    EXPECT_TRUE(run("move", input).ok);
    EXPECT_TRUE(run("move", input).ok);
    server.set_modified("in/b.csv", 1769860801);
    EXPECT_EQ(run("move", input).error.code, SLUICE_NOT_FOUND);
}

TEST_F(sftp_move, names_what_is_wrong) {
    const json none{{"from", "none"}, {"to", "in/b"}};
    EXPECT_EQ(run("move", none).error.code, SLUICE_NOT_FOUND);
    const json self{{"from", "in/a.csv"}, {"to", "in/a.csv"}};
    EXPECT_EQ(run("move", self).error.code, SLUICE_INVALID_INPUT);
    json far{{"from", "in/a.csv"}, {"to", "x/y/a.csv"}};
    EXPECT_EQ(run("move", far).error.code, SLUICE_NOT_FOUND);
    far.set("overwrite", "replace");
    EXPECT_EQ(run("move", far).error.code, SLUICE_NOT_FOUND);
    far.set("parents", true);
    EXPECT_TRUE(run("move", far).ok);
}

TEST_F(sftp_claim, gives_a_file_to_one_of_many) {
    int winners = 0;
    for (int i = 0; i < 5; ++i) {
        const call_result result =
            run("claim", json{{"path", "in/a.csv"}}, "step-" + std::to_string(i));
        winners += result.ok ? 1 : 0;
        if (!result.ok) {
            EXPECT_EQ(result.error.code, SLUICE_NOT_FOUND) << result.explain();
        }
    }
    EXPECT_EQ(winners, 1);
    EXPECT_EQ(server.names("in/processing").size(), 1u);
}

TEST_F(sftp_claim, can_be_repeated_even_when_another_file_has_come) {
    server.set_modified("in/a.csv", 1769860800);
    const json input{{"path", "in/a.csv"}, {"size", 4}, {"modifiedAt", "2026-01-31T12:00:00Z"}};
    const call_result first = run("claim", input);
    ASSERT_TRUE(first.ok) << first.explain();
    EXPECT_EQ(first.output.get_or("name", ""), "a.csv");
    EXPECT_EQ(first.output.get_or("originalPath", ""), "in/a.csv");
    EXPECT_EQ(first.output.get_or("size", 0), 4);
    server.write("in/a.csv", "the next one");
    const call_result again = run("claim", input);
    ASSERT_TRUE(again.ok) << again.explain();
    EXPECT_EQ(again.output, first.output);
    EXPECT_EQ(server.read("in/a.csv"), "the next one");
    // Another step may take the other file meanwhile: their names do not meet.
    EXPECT_EQ(run("claim", input, "other").error.code, SLUICE_CONFLICT);
    EXPECT_TRUE(run("claim", json{{"path", "in/a.csv"}}, "other").ok);
    EXPECT_EQ(server.names("in/processing").size(), 2u);
}

TEST_F(sftp_claim, takes_files_only) {
    EXPECT_EQ(run("claim", json{{"path", "in"}}).error.code, SLUICE_INVALID_INPUT);
    EXPECT_EQ(run("claim", json{{"path", "in/none"}}).error.code, SLUICE_NOT_FOUND);
}

TEST_F(sftp_claim, is_followed_by_success) {
    const json input{{"path", claim()}, {"folder", "in/done"}};
    const call_result done = run("finish", input);
    ASSERT_TRUE(done.ok) << done.explain();
    EXPECT_EQ(done.output.get_or("path", ""), "in/done/a.csv");
    EXPECT_EQ(server.read("in/done/a.csv"), "ours");
    const call_result again = run("finish", input);
    ASSERT_TRUE(again.ok) << again.explain();
    EXPECT_EQ(again.output.get_or("path", ""), "in/done/a.csv");
    EXPECT_TRUE(again.output.get_or("repeated", false));
    // The same name on another day: both stay.
    server.write("in/a.csv", "tomorrow's");
    const json next{{"path", claim("next")}, {"folder", "in/done"}};
    const call_result second = run("finish", next, "key-2");
    ASSERT_TRUE(second.ok) << second.explain();
    EXPECT_EQ(server.names("in/done").size(), 2u);
    EXPECT_EQ(run("finish", next, "key-2").output["path"], second.output["path"]);
    EXPECT_EQ(server.read("in/done/a.csv"), "ours");
    EXPECT_TRUE(server.names("in/processing").empty());
}

TEST_F(sftp_claim, is_followed_by_failure_with_its_reason) {
    const json input{{"path", claim()}, {"folder", "in/failed"}, {"reason", json{{"line", 3}}}};
    for (int i = 0; i < 2; ++i) {
        const call_result failed = run("fail", input);
        ASSERT_TRUE(failed.ok) << failed.explain();
        EXPECT_EQ(failed.output.get_or("path", ""), "in/failed/a.csv");
        EXPECT_EQ(failed.output.get_or("reasonPath", ""), "in/failed/a.csv.reason.json");
    }
    EXPECT_EQ(server.read("in/failed/a.csv.reason.json"), "{\"line\":3}\n");
    EXPECT_EQ(server.names("in/failed"), (names{"a.csv", "a.csv.reason.json"}));
    server.write("in/a.csv", "tomorrow's");
    const json next{{"path", claim("next")}, {"folder", "in/failed"}, {"reason", "no id"}};
    const call_result second = run("fail", next, "key-2");
    ASSERT_TRUE(second.ok) << second.explain();
    const std::string reason = second.output.get_or("reasonPath", "");
    EXPECT_EQ(reason, second.output.get_or("path", "") + ".error.txt");
    EXPECT_EQ(server.read(reason), "no id\n");
    EXPECT_EQ(run("fail", next, "key-2").output["reasonPath"], json(reason));
    EXPECT_EQ(server.names("in/failed").size(), 4u);
}

TEST_F(sftp_claim, names_can_be_taken_back) {
    EXPECT_EQ(original_name(claimed_name("0123456789abcdef", "a-b.csv")), "a-b.csv");
    EXPECT_EQ(original_name("a-b.csv"), "a-b.csv");
    EXPECT_EQ(original_name("0123456789abcdeg-a.csv"), "0123456789abcdeg-a.csv");
    EXPECT_EQ(original_name("0123456789abcdef-"), "0123456789abcdef-");
}

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

}  // namespace
}  // namespace sluice::sftp::testing
