#include "files_testing.hpp"

namespace files::testing {
namespace {

class files_new : public files_test {
  protected:
    call_result look(json input = json::object()) {
        input.set("folder", "in").set("cursor", cursor);
        call_result result = run("listNewFiles", input);
        if (result.ok) cursor = result.output["cursor"];
        return result;
    }
    json cursor;
};

TEST_F(files_new, gives_a_file_when_it_has_not_changed_between_two_looks) {
    put(root / "in/a.csv", "1");
    EXPECT_EQ(names_of(look()), "");
    put(root / "in/a.csv", "12");  // still growing
    EXPECT_EQ(names_of(look()), "");
    const call_result found = look();
    EXPECT_EQ(names_of(found), "a.csv");
    const json& item = found.output["items"][0];
    EXPECT_EQ(item.get_or("path", ""), "in/a.csv");
    EXPECT_EQ(item.get_or("size", 0), 2);
    EXPECT_EQ(item.get_or("key", ""), "in/a.csv 2 " + item.get_or("modifiedAt", ""));
    EXPECT_EQ(names_of(look()), "");
    EXPECT_TRUE(cursor.is_string());
}

TEST_F(files_new, gives_another_version_again) {
    put(root / "in/a.csv", "1");
    look();
    EXPECT_EQ(names_of(look()), "a.csv");
    put(root / "in/a.csv", "123");
    EXPECT_EQ(names_of(look()), "");
    EXPECT_EQ(names_of(look()), "a.csv");
}

TEST_F(files_new, gives_what_is_old_enough_at_once) {
    put(root / "in/old", "1");
    set_age(root / "in/old", std::chrono::seconds(100));
    put(root / "in/new", "1");
    EXPECT_EQ(names_of(look({{"minAgeSeconds", 60}})), "old");
    EXPECT_EQ(names_of(look({{"minAgeSeconds", 60}})), "");
    EXPECT_EQ(names_of(look({{"minAgeSeconds", 0}})), "new");
}

TEST_F(files_new, gives_many_in_pages_the_oldest_first) {
    for (int i = 0; i < 5; ++i) {
        const fs::path path = root / "in" / std::to_string(i);
        put(path, "x");
        set_age(path, std::chrono::seconds(100 + i));
    }
    const call_result first = look();
    EXPECT_EQ(names_of(first), "");
    EXPECT_FALSE(first.output.get_or("more", true));
    const call_result page = look({{"limit", 2}});
    EXPECT_EQ(names_of(page), "4 3");
    EXPECT_TRUE(page.output.get_or("more", false));
    // A file that comes between two pages waits for a look that is some time later.
    put(root / "in/late", "x");
    EXPECT_EQ(names_of(look({{"limit", 2}})), "2 1");
    const call_result last = look({{"limit", 2}});
    EXPECT_EQ(names_of(last), "0");
    EXPECT_FALSE(last.output.get_or("more", true));
    EXPECT_EQ(names_of(look()), "");
    EXPECT_EQ(names_of(look()), "late");
}

TEST_F(files_new, leaves_out_what_does_not_match_or_is_no_file) {
    put(root / "in/a.csv", "1");
    put(root / "in/.hidden.csv", "1");
    put(root / "in/b.txt", "1");
    put(root / "in/folder.csv/x.csv", "1");
    fs::create_symlink("a.csv", root / "in/link.csv");
    put(root / "in/\xFF.csv", "1");
    put(root / "in/\xFF.txt", "1");
    const call_result found = look({{"glob", "*.csv"}, {"minAgeSeconds", 0}});
    EXPECT_EQ(names_of(found), "a.csv");
    EXPECT_EQ(found.output.get_or("unusableNames", 0), 1);
    ASSERT_EQ(found.log.size(), 1u);
    EXPECT_EQ(found.log[0].level, static_cast<std::uint32_t>(SLUICE_LOG_WARNING));
    EXPECT_EQ(found.log[0].fields.get_or("files", 0), 1);
    fs::remove(root / "in/\xFF.csv");
    EXPECT_TRUE(look({{"glob", "*.csv"}}).log.empty());
}

TEST_F(files_new, keeps_its_cursor_under_64_kib) {
    fs::create_directory(root / "in");
    for (int i = 0; i < 7600; ++i)
        put(root / "in" / std::to_string(i), "");
    const call_result first = look({{"minAgeSeconds", 0}, {"limit", 5000}});
    EXPECT_EQ(first.output["items"].size(), 5000u);
    const call_result second = look({{"minAgeSeconds", 0}, {"limit", 5000}});
    EXPECT_EQ(second.output["items"].size(), 2500u);
    EXPECT_LE(cursor.size(), 64u * 1024u);
    // Nothing more can be remembered: that must be seen, not end in silence.
    EXPECT_EQ(look({{"minAgeSeconds", 0}}).error.code, SLUICE_CONFLICT);
    for (const json& item : second.output["items"].items())
        fs::remove(root / item.get_or("path", ""));
    EXPECT_EQ(look({{"minAgeSeconds", 0}}).output["items"].size(), 100u);
}

TEST_F(files_new, refuses_cursors_of_others) {
    fs::create_directory(root / "in");
    for (const json& bad : {json("x"), json(7), json("1:abc"), json("1:QUJD"), json::object()}) {
        cursor = bad;
        EXPECT_EQ(look().error.code, SLUICE_INVALID_INPUT) << bad.dump();
    }
    cursor = json();
    fs::remove(root / "in");
    EXPECT_EQ(look().error.code, SLUICE_NOT_FOUND);
}

}  // namespace
}  // namespace files::testing
