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

TEST_F(sftp_move, leaves_a_file_alone_that_came_under_the_old_name_meanwhile) {
    server.write("in/b.csv", "theirs");
    const json input{{"from", "in/a.csv"}, {"to", "in/b.csv"}, {"overwrite", "keepBoth"}};
    const call_result first = run("move", input);
    ASSERT_TRUE(first.ok) << first.explain();
    server.write("in/a.csv", "the next one");
    const call_result again = run("move", input);
    EXPECT_EQ(again.output["path"], first.output["path"]) << again.explain();
    EXPECT_EQ(server.read(first.output.get_or("path", "")), "ours");
    EXPECT_EQ(server.read("in/a.csv"), "the next one");
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

TEST_F(sftp_claim, takes_and_puts_away_files_with_long_names) {
    const std::string name = std::string(246, 'n') + ".csv";
    for (int day = 1; day <= 2; ++day) {
        const std::string key = std::to_string(day);
        server.write("in/" + name, key);
        const call_result claimed = run("claim", json{{"path", "in/" + name}}, "claim" + key);
        ASSERT_TRUE(claimed.ok) << claimed.explain();
        EXPECT_EQ(claimed.output.get_or("originalPath", ""), "in/" + name);
        const json input{{"path", claimed.output["path"]},
                         {"folder", "in/failed"},
                         {"name", claimed.output["name"]},
                         {"reason", "no"}};
        const call_result failed = run("fail", input, "fail" + key);
        ASSERT_TRUE(failed.ok) << failed.explain();
        EXPECT_EQ(server.read(failed.output.get_or("path", "")), key);
        EXPECT_EQ(server.read(failed.output.get_or("reasonPath", "")), "no\n");
        EXPECT_EQ(run("fail", input, "fail" + key).output["reasonPath"],
                  failed.output["reasonPath"]);
    }
    EXPECT_EQ(server.names("in/failed").size(), 4u);
}

}  // namespace
}  // namespace sluice::sftp::testing
