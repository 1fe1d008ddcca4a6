#include "sftp_testing.hpp"

namespace sluice::sftp::testing {
namespace {

struct sftp_folder : ::testing::Test {
    testing_server server;
    mock_host host{sluice_connector_v1};

    call_result run(const char* action, const json& input) {
        return host.run(action, input, connection(server));
    }
    std::vector<std::string> listed(json input) {
        if (!input.contains("folder")) input.set("folder", server.folder().string());
        const call_result result = run("list", input);
        EXPECT_TRUE(result.ok) << result.explain();
        std::vector<std::string> names;
        for (const json& item : result.output["items"].items())
            names.push_back(item.get_or("name", ""));
        return names;
    }
};
using names = std::vector<std::string>;

TEST_F(sftp_folder, lists_by_name_pattern_and_type) {
    for (const char* name : {"b.csv", "a.csv", "c.xml", ".hidden.csv", "B.CSV"})
        server.write(name, "x");
    server.make_folder("folder.csv");
    server.write("folder.csv/below.csv", "x");
    std::filesystem::create_symlink("a.csv", server.path("link.csv"));
    EXPECT_EQ(listed(json::object()), (names{"B.CSV", "a.csv", "b.csv", "c.xml"}));
    EXPECT_EQ(listed(json{{"glob", "*.csv"}}), (names{"a.csv", "b.csv"}));
    EXPECT_EQ(listed(json{{"glob", "[ab].*"}}), (names{"a.csv", "b.csv"}));
    EXPECT_EQ(listed(json{{"glob", ".*"}}), (names{".hidden.csv"}));
    EXPECT_EQ(listed(json{{"type", "folder"}}), (names{"folder.csv"}));
    EXPECT_EQ(listed(json{{"type", "link"}}), (names{"link.csv"}));
    EXPECT_EQ(listed(json{{"type", "all"}, {"glob", "*.csv"}}),
              (names{"a.csv", "b.csv", "folder.csv", "link.csv"}));
    EXPECT_EQ(listed(json{{"glob", "none"}, {"cursor", ""}}), names{});
}

TEST_F(sftp_folder, says_all_about_an_item) {
    server.write("a.csv", "12345");
    server.set_modified("a.csv", 1769860800);
    const json expected{{"path", server.path("a.csv")},
                        {"name", "a.csv"},
                        {"type", "file"},
                        {"size", 5},
                        {"permissions", "0666"},
                        {"modifiedAt", "2026-01-31T12:00:00Z"}};
    const json folder{{"folder", server.folder().string() + "/"}};
    EXPECT_EQ(run("list", folder).output["items"][0], expected);
    EXPECT_EQ(run("stat", json{{"path", server.path("a.csv")}}).output, expected);
    // Relative paths begin where the log-in lands.
    EXPECT_EQ(run("list", json::object()).output["items"][0].get_or("path", ""), "a.csv");
    EXPECT_EQ(run("stat", json{{"path", "a.csv"}}).output.get_or("size", 0), 5);
}

TEST_F(sftp_folder, gives_pages_that_fit_together_while_files_come_and_go) {
    for (int i = 0; i < 250; ++i)
        server.write("f" + std::to_string(1000 + i), "");
    json input{{"limit", 100}};
    names all;
    for (int page = 0; page < 5; ++page) {
        const call_result result = run("list", input);
        ASSERT_TRUE(result.ok) << result.explain();
        for (const json& item : result.output["items"].items())
            all.push_back(item.get_or("name", ""));
        server.write("a" + std::to_string(page), "");  // before the cursor
        std::filesystem::remove(server.path(all.front()));
        EXPECT_EQ(result.output.get_or("more", false), page < 2);
        if (page == 2) break;
        input.set("cursor", result.output["cursor"]);
    }
    ASSERT_EQ(all.size(), 250u);
    EXPECT_EQ(all.front(), "f1000");
    EXPECT_EQ(all.back(), "f1249");
    EXPECT_EQ(std::unique(all.begin(), all.end()), all.end());
}

TEST_F(sftp_folder, leaves_out_names_that_json_cannot_hold) {
    server.write("good", "x");
    server.write("caf\xE9", "x");
    const call_result result = run("list", json::object());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output["items"].size(), 1u);
    EXPECT_EQ(result.output.get_or("unusableNames", 0), 1);
}

TEST_F(sftp_folder, names_what_is_wrong) {
    EXPECT_EQ(run("list", json{{"folder", "none"}}).error.code, SLUICE_NOT_FOUND);
    EXPECT_EQ(run("stat", json{{"path", "none"}}).error.code, SLUICE_NOT_FOUND);
    EXPECT_FALSE(run("exists", json{{"path", "none"}}).output.get_or("exists", true));
    EXPECT_FALSE(run("exists", json{{"path", "none/below"}}).output.get_or("exists", true));
    server.write("a", "x");
    EXPECT_EQ(run("exists", json{{"path", "a"}}).output,
              (json{{"exists", true}, {"type", "file"}}));
    EXPECT_FALSE(run("list", json{{"folder", "a"}}).ok);
    server.make_folder("closed");
    std::filesystem::permissions(server.path("closed"), std::filesystem::perms::none);
    EXPECT_EQ(run("list", json{{"folder", "closed"}}).error.code, SLUICE_INVALID_INPUT);
}

TEST_F(sftp_folder, makes_folders) {
    json input{{"path", "x/y/z"}};
    EXPECT_EQ(run("createFolder", input).error.code, SLUICE_NOT_FOUND);
    input.set("parents", true);
    EXPECT_TRUE(run("createFolder", input).output.get_or("created", false));
    EXPECT_TRUE(server.exists("x/y/z"));
    EXPECT_FALSE(run("createFolder", input).output.get_or("created", true));
    input.set("existingOk", false);
    EXPECT_EQ(run("createFolder", input).error.code, SLUICE_CONFLICT);
    server.write("file", "");
    EXPECT_EQ(run("createFolder", json{{"path", "file"}}).error.code, SLUICE_CONFLICT);
    EXPECT_EQ(run("createFolder", json{{"path", "file/x"}, {"parents", true}}).error.code,
              SLUICE_CONFLICT);
}

TEST_F(sftp_folder, deletes_files_links_and_empty_folders) {
    server.write("file", "x");
    server.make_folder("full");
    server.make_folder("empty");
    server.write("full/file", "x");
    std::filesystem::create_symlink("full", server.path("link"));
    for (const char* name : {"file", "empty", "link"}) {
        EXPECT_TRUE(run("delete", json{{"path", name}}).output.get_or("deleted", false)) << name;
        EXPECT_FALSE(server.exists(name)) << name;
        EXPECT_FALSE(run("delete", json{{"path", name}}).output.get_or("deleted", true)) << name;
    }
    const json strict{{"path", "file"}, {"missingOk", false}};
    EXPECT_EQ(run("delete", strict).error.code, SLUICE_NOT_FOUND);
    const call_result full = run("delete", json{{"path", "full"}});
    EXPECT_EQ(full.error.code, SLUICE_UNAVAILABLE) << full.explain();
    EXPECT_NE(full.error.message.find("empty"), std::string::npos);
    EXPECT_TRUE(server.exists("full/file"));
}

}  // namespace
}  // namespace sluice::sftp::testing
