#include "json/documents.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace sluice::json {
namespace {

std::vector<std::string> read_all(std::string_view text) {
    std::vector<std::string> found;
    document_reader documents(text);
    while (!documents.at_end()) {
        const auto next = documents.next();
        found.push_back(next ? to_text(*next) : "error: " + next.error_value().to_text());
    }
    return found;
}

TEST(documents, are_read_one_after_another_whatever_stands_between) {
    EXPECT_THAT(read_all("{\"a\":1} [2]\n3 \"x\"true null"),
                testing::ElementsAre(R"({"a":1})", "[2]", "3", R"("x")", "true", "null"));
    EXPECT_THAT(read_all("[1][2]{}\"a\"\"b\""),
                testing::ElementsAre("[1]", "[2]", "{}", R"("a")", R"("b")"));
}

TEST(documents, may_hold_brackets_and_quotes_in_text) {
    EXPECT_THAT(read_all(R"(["]}\"",{"a":"{["}] 1)"),
                testing::ElementsAre(R"(["]}\"",{"a":"{["}])", "1"));
}

TEST(documents, none_are_in_blanks_or_behind_a_byte_order_mark) {
    EXPECT_THAT(read_all(" \n\t"), testing::IsEmpty());
    EXPECT_THAT(read_all("\xef\xbb\xbf"), testing::IsEmpty());
    EXPECT_THAT(read_all("\xef\xbb\xbf 1"), testing::ElementsAre("1"));
}

TEST(documents, end_at_the_first_that_is_wrong_and_tell_its_place_in_the_whole) {
    const auto found = read_all("1\n[2,\n3}\n4");
    ASSERT_EQ(found.size(), 2u);
    EXPECT_THAT(found[1], testing::StartsWith("error: 3:"));
    EXPECT_THAT(read_all("1 nope")[1], testing::StartsWith("error: 1:"));
    EXPECT_THAT(read_all("]")[0], testing::StartsWith("error: 1:1"));
    EXPECT_THAT(read_all("\"a")[0], testing::StartsWith("error: "));
    EXPECT_THAT(read_all("{\"a\"")[0], testing::StartsWith("error: "));
}

}  // namespace
}  // namespace sluice::json
