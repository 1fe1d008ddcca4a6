#include <fcntl.h>
#include <sys/stat.h>

#include "files_testing.hpp"
#include "root.hpp"

namespace files::testing {
namespace {

class files_confinement : public files_test {};

TEST_F(files_confinement, refuses_paths_that_are_none) {
    const std::string bad[] = {"..",
                               "../secret.txt",
                               "a/../../secret.txt",
                               "./a",
                               "a//b",
                               "a/./b",
                               "//a",
                               std::string(256, 'x'),
                               std::string("a\0b", 3),
                               std::string(4500, 'x')};
    for (const std::string& path : bad) {
        for (const char* action : {"read", "stat", "exists", "delete", "createFolder", "claim"}) {
            EXPECT_EQ(run(action, {{"path", path}}).error.code, SLUICE_INVALID_INPUT)
                << action << " " << path;
        }
        EXPECT_EQ(run("write", {{"path", path}, {"text", "x"}}).error.code, SLUICE_INVALID_INPUT);
        EXPECT_EQ(run("append", {{"path", path}, {"text", "x"}}).error.code, SLUICE_INVALID_INPUT);
        EXPECT_EQ(run("list", {{"folder", path}}).error.code, SLUICE_INVALID_INPUT) << path;
        EXPECT_EQ(run("move", {{"from", "a"}, {"to", path}}).error.code, SLUICE_INVALID_INPUT);
        EXPECT_EQ(run("move", {{"from", path}, {"to", "a"}}).error.code, SLUICE_INVALID_INPUT);
        EXPECT_EQ(run("finish", {{"path", "a"}, {"folder", "b"}, {"name", path}}).error.code,
                  SLUICE_INVALID_INPUT);
    }
    EXPECT_EQ(tree(), "");
}

TEST_F(files_confinement, follows_no_link_that_leaves_the_root) {
    put(root / "a.txt", "a");
    fs::create_symlink("../secret.txt", root / "relative");
    fs::create_symlink(outside / "secret.txt", root / "absolute");
    fs::create_directory_symlink(outside, root / "folder");
    for (const char* path : {"relative", "absolute", "folder/secret.txt"}) {
        EXPECT_FALSE(run("read", {{"path", path}}).ok) << path;
        const call_result appended = run("append", {{"path", path}, {"text", "x"}});
        EXPECT_EQ(appended.error.code, SLUICE_INVALID_INPUT) << appended.explain();
    }
    EXPECT_FALSE(run("list", {{"folder", "folder"}}).ok);
    EXPECT_FALSE(run("listNewFiles", {{"folder", "folder"}}).ok);
    EXPECT_FALSE(run("delete", {{"path", "folder/secret.txt"}}).ok);
    EXPECT_FALSE(run("write", {{"path", "folder/new.txt"}, {"text", "x"}, {"parents", true}}).ok);
    EXPECT_FALSE(run("move", {{"from", "a.txt"}, {"to", "folder/a.txt"}, {"parents", true}}).ok);
    EXPECT_FALSE(run("claim", {{"path", "a.txt"}, {"folder", "folder"}}).ok);
    EXPECT_FALSE(run("createFolder", {{"path", "folder/new"}}).ok);
    EXPECT_EQ(get(outside / "secret.txt"), "secret");
    EXPECT_EQ(std::distance(fs::directory_iterator(outside), {}), 2);
}

// A link is replaced, not written through.
TEST_F(files_confinement, replaces_a_link_by_a_file) {
    fs::create_symlink("../secret.txt", root / "link");
    const call_result result =
        run("write", {{"path", "link"}, {"text", "mine"}, {"overwrite", "replace"}});
    EXPECT_TRUE(result.ok) << result.explain();
    EXPECT_FALSE(fs::is_symlink(root / "link"));
    EXPECT_EQ(get(root / "link"), "mine");
    EXPECT_EQ(get(outside / "secret.txt"), "secret");
}

TEST_F(files_confinement, follows_a_link_that_stays_inside) {
    put(root / "data/a.txt", "a");
    fs::create_symlink("data", root / "current");
    const call_result result = run("read", {{"path", "current/a.txt"}, {"as", "text"}});
    EXPECT_EQ(result.output.get_or("text", ""), "a") << result.explain();
}

TEST_F(files_confinement, is_kept_without_openat2_too) {
    put(root / "data/a.txt", "a");
    fs::create_symlink("../secret.txt", root / "relative");
    fs::create_directory_symlink(outside, root / "folder");
    fs::create_directory_symlink("data", root / "inside");
    const class root by_walk(root.string(), root::resolution::by_walk);
    EXPECT_NO_THROW(by_walk.open("data/a.txt", O_RDONLY));
    EXPECT_NO_THROW(by_walk.open("", O_RDONLY | O_DIRECTORY));
    EXPECT_TRUE(by_walk.find("data/a.txt"));
    EXPECT_FALSE(by_walk.find("data/b.txt"));
    for (const char* path : {"relative", "folder/secret.txt", "inside/a.txt", "../secret.txt"}) {
        try {
            by_walk.open(path, O_RDONLY);
            if (std::string_view(path) != "../secret.txt") FAIL() << path;
        } catch (const sluice::failure& refused) {
            EXPECT_EQ(refused.code(), SLUICE_INVALID_INPUT) << path;
        }
    }
    EXPECT_TRUE(by_walk.make_folders("x/y/z"));
    EXPECT_TRUE(by_walk.rename("data/a.txt", "x/y/z/a.txt", root::replacing::refused));
    EXPECT_EQ(get(root / "x/y/z/a.txt"), "a");
}

TEST_F(files_confinement, does_not_wait_at_a_pipe) {
    ASSERT_EQ(::mkfifo((root / "pipe").c_str(), 0600), 0);
    EXPECT_EQ(run("read", {{"path", "pipe"}}).error.code, SLUICE_INVALID_INPUT);
    EXPECT_EQ(run("claim", {{"path", "pipe"}}).error.code, SLUICE_INVALID_INPUT);
    EXPECT_EQ(run("listNewFiles", {{"minAgeSeconds", 0}}).output["items"].size(), 0u);
}

TEST_F(files_confinement, refuses_connections_that_cannot_work) {
    for (const json& bad : {json(), json{{"root", ""}}, json{{"root", "relative"}}}) {
        EXPECT_EQ(host.run("list", json::object(), bad).error.code, SLUICE_INVALID_INPUT);
    }
    EXPECT_EQ(host.run("checkConnection", json::object(), {{"root", outside.string() + "/none"}})
                  .error.code,
              SLUICE_NOT_FOUND);
    const call_result fine = run("checkConnection", json::object());
    EXPECT_EQ(fine.output.get_or("entries", -1), 0) << fine.explain();
}

}  // namespace
}  // namespace files::testing
