#include "files_testing.hpp"

namespace files::testing {
namespace {

class files_steps : public files_test {};

TEST_F(files_steps, list_gives_sorted_pages) {
    for (const char* name : {"b.csv", "a.csv", "c.txt", ".hidden", "d.csv"})
        put(root / "in" / name, "x");
    fs::create_directory(root / "in/folder");
    json input{{"folder", "in"}, {"limit", 2}, {"glob", "*.csv"}};
    const call_result first = run("list", input);
    EXPECT_EQ(names_of(first), "a.csv b.csv");
    EXPECT_TRUE(first.output.get_or("more", false));
    const call_result last = run("list", json(input).set("cursor", first.output["cursor"]));
    EXPECT_EQ(names_of(last), "d.csv");
    EXPECT_FALSE(last.output.get_or("more", true));
    EXPECT_EQ(names_of(run("list", json(input).set("cursor", last.output["cursor"]))), "");
    EXPECT_EQ(names_of(run("list", {{"folder", "in"}, {"type", "folder"}})), "folder");
    EXPECT_EQ(names_of(run("list", {{"folder", "in"}, {"type", "all"}, {"glob", "[c-f]*"}})),
              "c.txt d.csv folder");
    put(root / "in/\xFF", "x");
    EXPECT_EQ(run("list", {{"folder", "in"}}).output.get_or("unusableNames", 0), 1);
    EXPECT_EQ(run("list", {{"folder", "none"}}).error.code, SLUICE_NOT_FOUND);
    EXPECT_EQ(run("list", {{"folder", "in/a.csv"}}).error.code, SLUICE_INVALID_INPUT);
}

TEST_F(files_steps, stat_tells_what_is_there) {
    put(root / "a.csv", "abc");
    const json found = run("stat", {{"path", "a.csv"}}).output;
    EXPECT_EQ(found.get_or("size", 0), 3);
    EXPECT_EQ(found.get_or("type", ""), "file");
    EXPECT_EQ(found.get_or("modifiedAt", "").size(),
              std::string("2026-01-31T12:00:00.000Z").size());
    EXPECT_EQ(run("stat", {{"path", "/"}}).output.get_or("type", ""), "folder");
    EXPECT_EQ(run("stat", {{"path", "b"}}).error.code, SLUICE_NOT_FOUND);
    EXPECT_TRUE(run("exists", {{"path", "a.csv"}}).output.get_or("exists", false));
    EXPECT_FALSE(run("exists", {{"path", "x/y"}}).output.get_or("exists", true));
}

TEST_F(files_steps, move_can_be_repeated) {
    put(root / "a", "1");
    const json input{{"from", "a"}, {"to", "x/b"}, {"parents", true}};
    EXPECT_TRUE(run("move", input).ok);
    const call_result again = run("move", input);
    EXPECT_TRUE(again.output.get_or("repeated", false)) << again.explain();
    EXPECT_EQ(tree(), "x/ x/b");
    EXPECT_EQ(run("move", {{"from", "a"}, {"to", "c"}}).error.code, SLUICE_NOT_FOUND);
}

TEST_F(files_steps, move_does_with_another_file_what_it_is_told) {
    put(root / "a.csv", "new");
    put(root / "b.csv", "old");
    EXPECT_EQ(run("move", {{"from", "a.csv"}, {"to", "b.csv"}}).error.code, SLUICE_CONFLICT);
    const json both{{"from", "a.csv"}, {"to", "b.csv"}, {"overwrite", "keepBoth"}};
    const call_result kept = run("move", both);
    const std::string path = kept.output.get_or("path", "");
    EXPECT_EQ(path.size(), std::string("b.0123456789abcdef.csv").size()) << kept.explain();
    EXPECT_EQ(get(root / path), "new");
    EXPECT_EQ(get(root / "b.csv"), "old");
    put(root / "a.csv", "the next one");
    const call_result again = run("move", both);
    EXPECT_EQ(again.output.get_or("path", ""), path) << again.explain();
    EXPECT_EQ(get(root / "a.csv"), "the next one");
    fs::remove(root / "a.csv");
    EXPECT_TRUE(run("move", {{"from", path}, {"to", "b.csv"}, {"overwrite", "replace"}}).ok);
    EXPECT_EQ(get(root / "b.csv"), "new");
    EXPECT_EQ(tree(), "b.csv");
}

TEST_F(files_steps, move_and_claim_see_that_a_file_has_changed) {
    put(root / "a", "123");
    const json found = run("stat", {{"path", "a"}}).output;
    const json size{{"from", "a"}, {"to", "b"}, {"size", 2}};
    EXPECT_EQ(run("move", size).error.code, SLUICE_CONFLICT);
    const json time{{"path", "a"}, {"modifiedAt", "2020-01-01T00:00:00.000Z"}};
    EXPECT_EQ(run("claim", time).error.code, SLUICE_CONFLICT);
    const json same{{"path", "a"}, {"size", 3}, {"modifiedAt", found["modifiedAt"]}};
    EXPECT_TRUE(run("claim", same).ok);
}

TEST_F(files_steps, claim_gives_a_file_to_one) {
    put(root / "in/a.csv", "1");
    const call_result mine = run("claim", {{"path", "in/a.csv"}}, "mine");
    ASSERT_TRUE(mine.ok) << mine.explain();
    EXPECT_EQ(run("claim", {{"path", "in/a.csv"}}, "other").error.code, SLUICE_NOT_FOUND);
    const std::string path = mine.output.get_or("path", "");
    EXPECT_EQ(path.find("in/processing/"), 0u);
    EXPECT_EQ(mine.output.get_or("name", ""), "a.csv");
    // A new file under the old name is not that of the step that is repeated.
    put(root / "in/a.csv", "another");
    EXPECT_EQ(run("claim", {{"path", "in/a.csv"}}, "mine").output, mine.output);
    EXPECT_EQ(get(root / "in/a.csv"), "another");
    EXPECT_EQ(get(root / path), "1");
}

TEST_F(files_steps, finish_puts_a_file_away_under_its_own_name) {
    put(root / "in/a.csv", "1");
    const std::string first = run("claim", {{"path", "in/a.csv"}}, "1").output.get_or("path", "");
    const json done{{"path", first}, {"folder", "done"}};
    EXPECT_EQ(run("finish", done, "2").output.get_or("path", ""), "done/a.csv");
    EXPECT_TRUE(run("finish", done, "2").output.get_or("repeated", false));
    put(root / "in/a.csv", "2");
    const std::string second = run("claim", {{"path", "in/a.csv"}}, "3").output.get_or("path", "");
    const call_result both = run("finish", {{"path", second}, {"folder", "done"}}, "4");
    EXPECT_NE(both.output.get_or("path", ""), "done/a.csv") << both.explain();
    EXPECT_EQ(get(root / "done/a.csv"), "1");
    EXPECT_EQ(get(root / both.output.get_or("path", "")), "2");
}

TEST_F(files_steps, fail_writes_the_reason_beside) {
    put(root / "in/a.csv", "1");
    put(root / "failed/a.csv", "earlier");
    const std::string path = run("claim", {{"path", "in/a.csv"}}, "1").output.get_or("path", "");
    const json input{{"path", path}, {"folder", "failed"}, {"reason", json{{"line", 3}}}};
    const call_result failed = run("fail", input, "2");
    ASSERT_TRUE(failed.ok) << failed.explain();
    EXPECT_EQ(get(root / failed.output.get_or("path", "")), "1");
    EXPECT_EQ(get(root / failed.output.get_or("reasonPath", "")), "{\"line\":3}\n");
    EXPECT_EQ(failed.output.get_or("reasonPath", ""),
              failed.output.get_or("path", "") + ".reason.json");
    const call_result again = run("fail", input, "2");
    EXPECT_EQ(again.output["path"], failed.output["path"]) << again.explain();
    EXPECT_EQ(again.output["reasonPath"], failed.output["reasonPath"]);
    put(root / "b", "2");
    const call_result text = run("fail", {{"path", "b"}, {"folder", "failed"}, {"reason", "no"}});
    EXPECT_EQ(get(root / "failed/b.error.txt"), "no\n") << text.explain();
}

TEST_F(files_steps, claim_and_fail_take_files_with_long_names) {
    const std::string name = std::string(246, 'n') + ".csv";
    for (const char* day : {"1", "2"}) {
        put(root / "in" / name, day);
        const call_result claimed = run("claim", {{"path", "in/" + name}}, day);
        ASSERT_TRUE(claimed.ok) << claimed.explain();
        EXPECT_EQ(claimed.output.get_or("originalPath", ""), "in/" + name);
        const json input{{"path", claimed.output["path"]},
                         {"folder", "failed"},
                         {"name", claimed.output["name"]},
                         {"reason", "no"}};
        const call_result failed = run("fail", input, std::string("fail") + day);
        ASSERT_TRUE(failed.ok) << failed.explain();
        EXPECT_EQ(get(root / failed.output.get_or("path", "")), day);
        EXPECT_EQ(get(root / failed.output.get_or("reasonPath", "")), "no\n");
        EXPECT_EQ(run("fail", input, std::string("fail") + day).output["reasonPath"],
                  failed.output["reasonPath"]);
    }
    EXPECT_TRUE(fs::exists(root / "failed" / name));
}

TEST_F(files_steps, delete_and_create_folder_can_be_repeated) {
    EXPECT_TRUE(
        run("createFolder", {{"path", "a/b"}, {"parents", true}}).output.get_or("created", false));
    EXPECT_FALSE(run("createFolder", {{"path", "a/b"}}).output.get_or("created", true));
    EXPECT_EQ(run("createFolder", {{"path", "a/b"}, {"existingOk", false}}).error.code,
              SLUICE_CONFLICT);
    EXPECT_EQ(run("createFolder", {{"path", "x/y"}}).error.code, SLUICE_NOT_FOUND);
    EXPECT_EQ(run("delete", {{"path", "a"}}).error.code, SLUICE_CONFLICT);
    EXPECT_TRUE(run("delete", {{"path", "a/b"}}).output.get_or("deleted", false));
    EXPECT_FALSE(run("delete", {{"path", "a/b"}}).output.get_or("deleted", true));
    EXPECT_EQ(run("delete", {{"path", "a/b"}, {"missingOk", false}}).error.code, SLUICE_NOT_FOUND);
    put(root / "file", "x");
    EXPECT_FALSE(run("createFolder", {{"path", "file"}}).ok);
}

}  // namespace
}  // namespace files::testing
