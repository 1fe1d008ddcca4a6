#include "plugin/blob.hpp"

#include <gtest/gtest.h>

#include "base/base_testing.hpp"

namespace sluice::plugin {

TEST(blob, keeps_small_payloads_in_memory_and_large_ones_in_a_file) {
    const base::temporary_folder folder;
    blob one("b1", "text/plain", folder.path());
    ASSERT_TRUE(one.append("hello "));
    ASSERT_TRUE(one.append("world"));
    EXPECT_TRUE(one.in_memory());
    ASSERT_TRUE(one.append(std::string(blob_memory_limit, 'x')));
    EXPECT_FALSE(one.in_memory());
    // Nothing with a name stays on disk.
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
    one.seal();
    char text[12] = {};
    EXPECT_EQ(*one.read(0, text, 11), 11u);
    EXPECT_STREQ(text, "hello world");
    EXPECT_EQ(*one.read(one.length() - 1, text, 5), 1u);
    EXPECT_EQ(*one.read(one.length(), text, 5), 0u);
    EXPECT_EQ(*one.read(~std::uint64_t{0}, text, 5), 0u);
}

TEST(blob, is_written_then_sealed_then_read) {
    blob one("b1", "", {});
    char text[4];
    EXPECT_EQ(one.read(0, text, 4).error_value().code, base::error_code::conflict);
    ASSERT_TRUE(one.append("abc"));
    one.seal();
    EXPECT_EQ(one.append("d").error_value().code, base::error_code::conflict);
    EXPECT_EQ(*one.read(1, text, 4), 2u);
}

TEST(blob, a_folder_that_is_not_there_is_an_error) {
    blob one("b1", "", "/nowhere/at/all");
    EXPECT_FALSE(one.append(std::string(blob_memory_limit + 1, 'x')));
}

TEST(blob, says_in_json_what_it_is) {
    blob one("b7", "text/csv", {});
    ASSERT_TRUE(one.append("a;b"));
    EXPECT_EQ(one.to_json_text(), R"({"$blob":"b7","size":3,"contentType":"text/csv"})");
}

}  // namespace sluice::plugin
