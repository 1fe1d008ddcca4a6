#include "base/regex.hpp"

#include <gtest/gtest.h>

namespace sluice::base {
namespace {

std::string found(std::string_view pattern, std::string_view text, std::size_t start = 0,
                  const regex_options& options = {}) {
    const result<regex> code = regex::compile(pattern, options);
    if (!code) return "refused: " + code.error_value().message;
    const auto match = code->search(text, start);
    if (!match) return "failed: " + match.error_value().message;
    if (!*match) return "none";
    const auto& whole = (*match)->groups.front();
    return std::string(text.substr(whole.begin, whole.size));
}

TEST(regex, finds_the_first_match_from_a_place_on) {
    EXPECT_EQ(found("[0-9]+", "a12b345"), "12");
    EXPECT_EQ(found("[0-9]+", "a12b345", 3), "345");
    EXPECT_EQ(found("x", "abc"), "none");
    EXPECT_EQ(found("", ""), "");
}

TEST(regex, obeys_its_options) {
    regex_options any_case;
    any_case.ignore_case = true;
    EXPECT_EQ(found("ABC", "xabcx", 0, any_case), "abc");
    regex_options spaced;
    spaced.extended = true;
    EXPECT_EQ(found("a b # comment", "ab", 0, spaced), "ab");
}

TEST(regex, tells_groups_and_their_names) {
    const result<regex> code = regex::compile("(?<year>[0-9]{4})-(x)?");
    ASSERT_TRUE(code);
    ASSERT_EQ(code->names().size(), 1u);
    EXPECT_EQ(code->names()[0].first, "year");
    const auto match = code->search("on 2026-");
    ASSERT_TRUE(match);
    ASSERT_TRUE(*match);
    EXPECT_EQ((*match)->groups.at(code->names()[0].second).begin, 3u);
    EXPECT_FALSE((*match)->groups.at(2).matched);
}

TEST(regex, refuses_what_is_no_pattern) { EXPECT_EQ(found("(", "x").substr(0, 8), "refused:"); }

TEST(regex, gives_up_a_search_that_would_not_end) {
    const result<regex> code = regex::compile("^(a+)+$");
    ASSERT_TRUE(code);
    const auto match = code->search(std::string(100, 'a') + "b");
    ASSERT_FALSE(match);
    EXPECT_EQ(match.error_value().code, error_code::timeout);
}

}  // namespace
}  // namespace sluice::base
