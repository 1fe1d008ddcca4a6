#include "sluice/new_files.hpp"

#include <gtest/gtest.h>

namespace sluice {
namespace {

using names = std::vector<std::string>;

found_file file(const std::string& name, std::int64_t modified, std::uint64_t size = 1) {
    return {"/in/" + name, name, size, std::chrono::seconds(modified), std::to_string(modified)};
}

// A folder that is looked at again and again, with the cursor as the host keeps it.
struct new_files : ::testing::Test {
    look_options options;
    json cursor;
    bool more = false;

    names look_at(std::vector<found_file> found) {
        const json result =
            look_for_new_files(std::move(found), seen_files(cursor), options, "/in");
        cursor = json::parse(result["cursor"].dump());
        more = result["more"].as_bool();
        names all;
        for (const json& item : result["items"].items())
            all.push_back(item["name"].as_string());
        return all;
    }
};

TEST_F(new_files, gives_a_file_once_it_is_the_same_in_two_looks) {
    EXPECT_EQ(look_at({file("a", 10)}), names{});
    EXPECT_EQ(look_at({file("a", 11)}), names{});
    EXPECT_EQ(look_at({file("a", 11, 2)}), names{});
    EXPECT_EQ(look_at({file("a", 11, 2)}), names{"a"});
    EXPECT_EQ(look_at({file("a", 11, 2)}), names{});
    EXPECT_EQ(look_at({file("a", 11, 2), file("b", 1)}), names{});
    EXPECT_EQ(look_at({file("a", 11, 2), file("b", 1)}), names{"b"});
}

TEST_F(new_files, gives_a_file_again_that_changed_or_came_back) {
    look_at({file("a", 10)});
    EXPECT_EQ(look_at({file("a", 10)}), names{"a"});
    EXPECT_EQ(look_at({file("a", 20)}), names{});
    EXPECT_EQ(look_at({file("a", 20)}), names{"a"});
    EXPECT_EQ(look_at({}), names{});
    EXPECT_EQ(look_at({file("a", 20)}), names{});
    EXPECT_EQ(look_at({file("a", 20)}), names{"a"});
}

TEST_F(new_files, gives_old_files_at_once) {
    options.min_age = std::chrono::seconds(60);
    options.now = std::chrono::seconds(1000);
    EXPECT_EQ(look_at({file("new", 941), file("old", 940), file("future", 2000)}), names{"old"});
    EXPECT_EQ(look_at({file("new", 941), file("old", 940)}), names{});
    options.now = std::chrono::seconds(1001);
    EXPECT_EQ(look_at({file("new", 941), file("old", 940)}), names{"new"});
}

TEST_F(new_files, gives_the_oldest_first_in_pages) {
    options.limit = 2;
    const std::vector<found_file> found{file("d", 3), file("b", 2), file("a", 2), file("c", 3)};
    EXPECT_EQ(look_at(found), names{});
    EXPECT_FALSE(more);
    EXPECT_EQ(look_at(found), (names{"a", "b"}));
    EXPECT_TRUE(more);
    EXPECT_EQ(look_at(found), (names{"c", "d"}));
    EXPECT_FALSE(more);
}

TEST_F(new_files, does_not_take_looks_at_once_for_looks_over_time) {
    options.limit = 1;
    look_at({file("a", 1), file("b", 1)});
    EXPECT_EQ(look_at({file("a", 1), file("b", 1)}), names{"a"});
    EXPECT_TRUE(more);
    // This look and the next one follow each other at once: "c" may still be written.
    EXPECT_EQ(look_at({file("a", 1), file("b", 1), file("c", 1)}), names{"b"});
    EXPECT_FALSE(more);
    EXPECT_EQ(look_at({file("a", 1), file("b", 1), file("c", 1)}), names{});
    EXPECT_EQ(look_at({file("a", 1), file("b", 1), file("c", 1)}), names{"c"});
}

TEST_F(new_files, copes_with_more_files_than_a_cursor_holds) {
    options.limit = 5000;
    std::vector<found_file> found;
    for (int i = 0; i < 20'000; ++i)
        found.push_back(file("f" + std::to_string(i), i));
    std::size_t given = 0;
    for (int round = 0; round < 30 && !found.empty(); ++round) {
        const names now = look_at(found);
        EXPECT_LE(cursor.dump().size(), 64u * 1024);
        given += now.size();
        found.erase(found.begin(), found.begin() + static_cast<std::ptrdiff_t>(now.size()));
    }
    EXPECT_EQ(given, 20'000u);
}

TEST_F(new_files, says_when_given_files_are_in_the_way) {
    constexpr std::size_t most = seen_files::most;
    options.min_age = std::chrono::seconds(0);
    options.now = std::chrono::seconds(10);
    options.limit = 10'000;
    std::vector<found_file> found;
    for (std::size_t i = 0; i < most; ++i)
        found.push_back(file("f" + std::to_string(i), 1));
    EXPECT_EQ(look_at(found).size(), most);
    EXPECT_EQ(look_at(found), names{});
    found.push_back(file("one more", 2));
    EXPECT_THROW(look_at(found), failure);
}

TEST_F(new_files, refuses_a_cursor_of_somebody_else) {
    for (const json& wrong : {json("x"), json("1:?"), json("1:AAA="), json(4)}) {
        cursor = wrong;
        EXPECT_THROW(look_at({}), failure) << wrong.dump();
    }
}

}  // namespace
}  // namespace sluice
