#include <fcntl.h>
#include <unistd.h>

#include "files_testing.hpp"

namespace files::testing {
namespace {

class files_content : public files_test {};

std::string large_bytes() {
    std::string bytes;
    for (int i = 0; bytes.size() < 1'300'000; ++i)
        bytes += std::to_string(i) + '\0' + '\xFF';
    return bytes;
}

TEST_F(files_content, reads_any_bytes_in_pieces) {
    const std::string bytes = large_bytes();
    put(root / "in/a.bin", bytes);
    const call_result result = run("read", {{"path", "/in/a.bin"}, {"contentType", "x/y"}});
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(host.blob_bytes(result.output["file"]), bytes);
    EXPECT_EQ(result.output["file"].get_or("contentType", ""), "x/y");
    EXPECT_EQ(result.output.get_or("name", ""), "a.bin");
    EXPECT_EQ(result.output.get_or("size", 0), static_cast<std::int64_t>(bytes.size()));
    put(root / "empty", "");
    EXPECT_EQ(host.blob_bytes(run("read", {{"path", "empty"}}).output["file"]), "");
}

TEST_F(files_content, reads_text_that_is_text) {
    put(root / "a.txt", "h\xC3\xA4");
    EXPECT_EQ(run("read", {{"path", "a.txt"}, {"as", "text"}}).output.get_or("text", ""),
              "h\xC3\xA4");
    put(root / "b.txt", "h\xE4");
    EXPECT_EQ(run("read", {{"path", "b.txt"}, {"as", "text"}}).error.code, SLUICE_INVALID_INPUT);
    put(root / "c.txt", std::string((4 << 20) + 1, 'x'));
    EXPECT_EQ(run("read", {{"path", "c.txt"}, {"as", "text"}}).error.code, SLUICE_INVALID_INPUT);
    fs::create_directory(root / "folder");
    EXPECT_EQ(run("read", {{"path", "folder"}}).error.code, SLUICE_INVALID_INPUT);
    EXPECT_EQ(run("read", {{"path", "none"}}).error.code, SLUICE_NOT_FOUND);
    EXPECT_EQ(run("read", {{"path", "none/none"}}).error.code, SLUICE_NOT_FOUND);
}

TEST_F(files_content, writes_files_and_text) {
    const std::string bytes = large_bytes();
    const json file = host.add_blob("x/y", bytes);
    const call_result result =
        run("write", {{"path", "a/b/c.bin"}, {"file", file}, {"parents", true}});
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(get(root / "a/b/c.bin"), bytes);
    EXPECT_EQ(tree(), "a/ a/b/ a/b/c.bin");
    EXPECT_TRUE(run("write", {{"path", "t.txt"}, {"text", "text"}}).ok);
    EXPECT_EQ(get(root / "t.txt"), "text");
    EXPECT_EQ(run("write", {{"path", "x/t.txt"}, {"text", "text"}}).error.code, SLUICE_NOT_FOUND);
    EXPECT_EQ(run("write", {{"path", "a"}, {"text", "text"}}).error.code, SLUICE_CONFLICT);
    EXPECT_FALSE(run("write", {{"path", "a"}, {"text", "text"}, {"overwrite", "replace"}}).ok);
    EXPECT_EQ(tree(), "a/ a/b/ a/b/c.bin t.txt");
}

TEST_F(files_content, replaces_only_when_told_so) {
    put(root / "a.txt", "old");
    const call_result refused = run("write", {{"path", "a.txt"}, {"text", "new"}});
    EXPECT_EQ(refused.error.code, SLUICE_CONFLICT) << refused.explain();
    EXPECT_EQ(get(root / "a.txt"), "old");
    EXPECT_TRUE(run("write", {{"path", "a.txt"}, {"text", "new"}, {"overwrite", "replace"}}).ok);
    EXPECT_EQ(get(root / "a.txt"), "new");
    // As after a crash behind the rename.
    const call_result again = run("write", {{"path", "a.txt"}, {"text", "new"}});
    EXPECT_TRUE(again.ok) << again.explain();
    EXPECT_TRUE(again.output.get_or("repeated", false));
    EXPECT_EQ(run("write", {{"path", "a.txt"}, {"text", "neW"}}).error.code, SLUICE_CONFLICT);
}

// Cancelled at any moment: the whole file or none, and the next try makes it.
TEST_F(files_content, writes_all_or_nothing) {
    const std::string bytes = large_bytes();
    const json input{{"path", "a.bin"}, {"file", host.add_blob("x/y", bytes)}};
    for (unsigned n = 0; n <= 20; ++n) {
        const call_result result = host.run_cancelled_at(n, "write", input, connection());
        EXPECT_TRUE(result.ok || result.error.code == SLUICE_CANCELLED) << result.explain();
        const std::string left = tree();
        EXPECT_TRUE(left.empty() || left == "a.bin") << left;
        if (!left.empty()) {
            EXPECT_EQ(get(root / "a.bin"), bytes) << n;
        }
        EXPECT_TRUE(run("write", input).ok);
        EXPECT_EQ(get(root / "a.bin"), bytes);
        fs::remove(root / "a.bin");
    }
    // What a kill leaves is written over.
    EXPECT_TRUE(run("write", input, "k").ok);
    fs::remove(root / "a.bin");
    EXPECT_TRUE(host.problems().empty());
}

TEST_F(files_content, tells_when_a_disk_is_full) {
    EXPECT_EQ(host.run("append", {{"path", "full"}, {"text", "x"}}, {{"root", "/dev"}}).error.code,
              SLUICE_INVALID_INPUT);  // no regular file
}

TEST_F(files_content, refuses_input_without_content) {
    for (const char* action : {"write", "append"}) {
        EXPECT_EQ(run(action, {{"path", "a"}}).error.code, SLUICE_INVALID_INPUT);
        EXPECT_EQ(run(action, {{"path", "a"}, {"text", 1}}).error.code, SLUICE_INVALID_INPUT);
        EXPECT_EQ(
            run(action, {{"path", "a"}, {"text", "x"}, {"file", json{{"$blob", "1"}}}}).error.code,
            SLUICE_INVALID_INPUT);
        EXPECT_EQ(run(action, {{"path", "a"}, {"file", json{{"$blob", "gone"}}}}).error.code,
                  SLUICE_INVALID_INPUT);
    }
    EXPECT_EQ(tree(), "");
}

}  // namespace
}  // namespace files::testing
