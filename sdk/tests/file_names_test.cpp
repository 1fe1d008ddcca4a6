#include "sluice/file_names.hpp"

#include <gtest/gtest.h>

namespace sluice {
namespace {

constexpr std::string_view hash = "0123456789abcdef";

std::size_t name_size(const std::string& path) { return path.size() - path.rfind('/') - 1; }

TEST(file_names, of_claimed_files_can_be_taken_back) {
    EXPECT_EQ(claimed_name(hash, "a-b.csv"), "0123456789abcdef-a-b.csv");
    EXPECT_EQ(original_name(claimed_name(hash, "a-b.csv")), "a-b.csv");
    EXPECT_EQ(original_name("a-b.csv"), "a-b.csv");
    EXPECT_EQ(original_name("0123456789abcdeg-a.csv"), "0123456789abcdeg-a.csv");
    EXPECT_EQ(original_name("0123456789abcdef-"), "0123456789abcdef-");
}

TEST(file_names, beside_others) {
    EXPECT_EQ(beside("a.csv", "b"), "b");
    EXPECT_EQ(beside("/a.csv", "b"), "/b");
    EXPECT_EQ(beside("x/y/a.csv", "b"), "x/y/b");
    EXPECT_EQ(with_hash("done/a.csv", hash), "done/a.0123456789abcdef.csv");
    EXPECT_EQ(with_hash("/.profile", hash), "/.profile.0123456789abcdef");
    EXPECT_EQ(with_hash("x.y/a", hash), "x.y/a.0123456789abcdef");
    EXPECT_EQ(with_ending("failed/a.csv", ".reason.json", hash), "failed/a.csv.reason.json");
    EXPECT_EQ(hidden_beside("in/a.csv", hash), "in/.a.csv.part-0123456789abcdef");
}

TEST(file_names, are_cut_between_characters_and_keep_their_ending) {
    std::string name;
    for (int i = 0; i < 123; ++i)
        name += "\u00e4";
    name += ".csv";  // 250 bytes
    for (const std::string& path : {name, "in/" + name, "/" + name, "in/x" + name}) {
        const std::string claimed = claimed_name(hash, path.substr(path.rfind('/') + 1));
        EXPECT_TRUE(claimed.ends_with("\u00e4.csv")) << claimed;
        EXPECT_TRUE(with_hash(path, hash).ends_with("\u00e4.0123456789abcdef.csv"));
        for (const std::string& made :
             {claimed, with_hash(path, hash), with_ending(path, ".reason.json", hash),
              with_ending(with_hash(path, hash), ".reason.json", hash),
              hidden_beside(path, hash)}) {
            EXPECT_LE(name_size(made), 255u) << made;
            EXPECT_GE(name_size(made), 253u) << made;
        }
    }
    const std::string no_ending = "a." + std::string(240, 'b');
    EXPECT_TRUE(with_hash(no_ending, hash).ends_with(hash));
    EXPECT_EQ(with_hash(no_ending, hash).size(), 255u);
}

}  // namespace
}  // namespace sluice
