#include "net/http_headers.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sluice::net {
namespace {

std::string text_of(const headers& list) {
    std::string text;
    for (const auto field : list)
        text.append(field.name).append("=").append(field.value) += ';';
    return text;
}

TEST(headers, keep_order_and_repeated_names) {
    headers list{{"A", "1"}, {"B", "2"}};
    list.add("a", "3");
    EXPECT_EQ(text_of(list), "A=1;B=2;a=3;");
    EXPECT_EQ(list.all("A"), (std::vector<std::string_view>{"1", "3"}));
    EXPECT_EQ(list.size(), 3u);
}

TEST(headers, find_without_regard_to_case) {
    const headers list{{"Content-Type", "text/plain"}};
    EXPECT_EQ(list.find("content-TYPE"), "text/plain");
    EXPECT_EQ(list.get("content-type"), "text/plain");
    EXPECT_FALSE(list.find("content-typ"));
    EXPECT_EQ(list.get("missing"), "");
    EXPECT_TRUE(list.has("CONTENT-TYPE"));
}

TEST(headers, set_replaces_all_of_a_name) {
    headers list{{"A", "1"}, {"B", "2"}, {"a", "3"}};
    list.set("A", "4");
    EXPECT_EQ(text_of(list), "B=2;A=4;");
}

TEST(headers, erase_says_how_many_went) {
    headers list{{"A", "1"}, {"B", "2"}, {"a", "3"}};
    EXPECT_EQ(list.erase("a"), 2u);
    EXPECT_EQ(list.erase("a"), 0u);
    EXPECT_EQ(text_of(list), "B=2;");
}

TEST(headers, accept_their_own_text_as_argument) {
    headers list{{"Name", std::string(40, 'x')}};
    for (int i = 0; i < 50; ++i)
        list.add(list[0].name, list[0].value);
    list.set("Other", list[3].value);
    EXPECT_EQ(list.get("Name"), std::string(40, 'x'));
    EXPECT_EQ(list.get("Other"), std::string(40, 'x'));
    list.set("Name", list.get("Name"));
    EXPECT_EQ(list.all("Name").size(), 1u);
    EXPECT_EQ(list.get("Name"), std::string(40, 'x'));
}

TEST(headers, know_what_may_go_on_the_wire) {
    EXPECT_TRUE(is_valid_field("X-A", "plain\ttext \xc3\xa9"));
    EXPECT_FALSE(is_valid_field("X-A", "a\r\nX-B: injected"));
    EXPECT_FALSE(is_valid_field("X-A", "a\nb"));
    EXPECT_FALSE(is_valid_field("X-A", std::string("a\0b", 3)));
    EXPECT_FALSE(is_valid_field("X-A", "\x7f"));
    EXPECT_FALSE(is_valid_field("", "a"));
    EXPECT_FALSE(is_valid_field("X A", "a"));
    EXPECT_FALSE(is_valid_field("X-A:", "a"));
}

}  // namespace
}  // namespace sluice::net
