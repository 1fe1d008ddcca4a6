#include "new_files.hpp"

#include "sftp_testing.hpp"

namespace sluice::sftp::testing {
namespace {

using names = std::vector<std::string>;

file_info file(const std::string& name, std::int64_t modified, std::uint64_t size = 1) {
    return {name, file_type::file, size, modified, 0644};
}

names names_of(const look_result& result) {
    names all;
    for (const file_info& info : result.items)
        all.push_back(info.name);
    return all;
}

// A folder that is looked at again and again, with the cursor as the host keeps it.
struct sftp_new_files : ::testing::Test {
    look_options options{.folder = "/in"};
    json cursor;
    bool more = false;

    names look_at(std::vector<file_info> found) {
        const look_result result = look(std::move(found), seen_files(cursor), options);
        cursor = json::parse(result.seen.cursor().dump());
        more = result.more;
        return names_of(result);
    }
};

TEST_F(sftp_new_files, gives_a_file_once_it_is_the_same_in_two_looks) {
    EXPECT_EQ(look_at({file("a", 10)}), names{});
    EXPECT_EQ(look_at({file("a", 11)}), names{});
    EXPECT_EQ(look_at({file("a", 11, 2)}), names{});
    EXPECT_EQ(look_at({file("a", 11, 2)}), names{"a"});
    EXPECT_EQ(look_at({file("a", 11, 2)}), names{});
    EXPECT_EQ(look_at({file("a", 11, 2), file("b", 1)}), names{});
    EXPECT_EQ(look_at({file("a", 11, 2), file("b", 1)}), names{"b"});
}

TEST_F(sftp_new_files, gives_a_file_again_that_changed_or_came_back) {
    look_at({file("a", 10)});
    EXPECT_EQ(look_at({file("a", 10)}), names{"a"});
    EXPECT_EQ(look_at({file("a", 20)}), names{});
    EXPECT_EQ(look_at({file("a", 20)}), names{"a"});
    EXPECT_EQ(look_at({}), names{});
    EXPECT_EQ(look_at({file("a", 20)}), names{});
    EXPECT_EQ(look_at({file("a", 20)}), names{"a"});
}

TEST_F(sftp_new_files, gives_old_files_at_once) {
    options.min_age_seconds = 60;
    options.now = 1000;
    EXPECT_EQ(look_at({file("new", 941), file("old", 940), file("future", 2000)}), names{"old"});
    EXPECT_EQ(look_at({file("new", 941), file("old", 940)}), names{});
    options.now = 1001;
    EXPECT_EQ(look_at({file("new", 941), file("old", 940)}), names{"new"});
}

TEST_F(sftp_new_files, gives_the_oldest_first_in_pages) {
    options.limit = 2;
    const std::vector<file_info> found{file("d", 3), file("b", 2), file("a", 2), file("c", 3)};
    EXPECT_EQ(look_at(found), names{});
    EXPECT_FALSE(more);
    EXPECT_EQ(look_at(found), (names{"a", "b"}));
    EXPECT_TRUE(more);
    EXPECT_EQ(look_at(found), (names{"c", "d"}));
    EXPECT_FALSE(more);
}

TEST_F(sftp_new_files, does_not_take_looks_at_once_for_looks_over_time) {
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

TEST_F(sftp_new_files, copes_with_more_files_than_a_cursor_holds) {
    options.limit = 5000;
    std::vector<file_info> found;
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

TEST_F(sftp_new_files, says_when_given_files_are_in_the_way) {
    options.min_age_seconds = 0;
    options.now = 10;
    options.limit = 10'000;
    std::vector<file_info> found;
    for (std::size_t i = 0; i < seen_files::most; ++i)
        found.push_back(file("f" + std::to_string(i), 1));
    EXPECT_EQ(look_at(found).size(), seen_files::most);
    EXPECT_EQ(look_at(found), names{});
    found.push_back(file("one more", 2));
    EXPECT_THROW(look_at(found), failure);
}

TEST_F(sftp_new_files, finds_files_of_a_real_server) {
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
}

}  // namespace
}  // namespace sluice::sftp::testing
