#include <gtest/gtest.h>

#include "json/text.hpp"
#include "json/value.hpp"

namespace sluice::json {
namespace {

value read(const char* text) { return parse(text).value(); }

// As `jq -n '[...] | sort'` has them; each is smaller than the next.
constexpr const char* ascending[] = {
    "null",
    "false",
    "true",
    "-5",
    "0",
    "0.5",
    "1e400",
    R"("")",
    R"("A")",
    R"("a")",
    R"("a\u0000")",
    R"("aa")",
    R"("b")",
    R"("\u00e9")",
    R"("\uffff")",
    R"("\ud83d\ude00")",
    "[]",
    "[null]",
    "[null,null]",
    "[0]",
    "[0,0]",
    "[1]",
    "[[]]",
    "[{}]",
    "{}",
    R"({"a":1})",
    R"({"a":2})",
    R"({"a":1,"b":0})",
    R"({"a":1,"b":[1]})",
    R"({"a":2,"b":0})",
    R"({"a":0,"b":0,"c":0})",
    R"({"a":9,"c":0})",
    R"({"b":0})",
    R"({"b":{"x":1}})",
    R"({"b":{"x":2}})",
};

TEST(json_compare, has_the_order_of_jq) {
    for (std::size_t i = 0; i < std::size(ascending); ++i) {
        for (std::size_t j = 0; j < std::size(ascending); ++j) {
            const int expected = i < j ? -1 : i > j ? 1 : 0;
            const value a = read(ascending[i]);
            const value b = read(ascending[j]);
            ASSERT_EQ(compare(a, b), expected) << ascending[i] << " " << ascending[j];
            ASSERT_EQ(a == b, i == j) << ascending[i] << " " << ascending[j];
        }
    }
}

TEST(json_compare, the_order_of_keys_does_not_matter) {
    const value a = read(R"({"a":1,"b":{"c":[2,{"d":3,"e":4}]}})");
    const value b = read(R"({"b":{"c":[2.0,{"e":4,"d":3}]},"a":1})");
    EXPECT_EQ(a, b);
    EXPECT_EQ(compare(a, b), 0);
    EXPECT_FALSE(a != b);
}

TEST(json_compare, a_missing_key_is_not_null) {
    EXPECT_FALSE(read(R"({"a":null})") == read(R"({"b":null})"));
    EXPECT_FALSE(read(R"({"a":null})") == read("{}"));
}

TEST(json_compare, the_first_difference_decides_whatever_lies_deeper) {
    EXPECT_LT(compare(read("[[1],2]"), read("[[2],1]")), 0);
    EXPECT_GT(compare(read("[[[3]],1]"), read("[[[2]],9]")), 0);
    EXPECT_LT(compare(read(R"({"a":[1],"b":9})"), read(R"({"a":[2],"b":1})")), 0);
}

TEST(json_compare, nests_deeper_than_the_stack_are_compared) {
    const auto nest = [](int innermost) {
        value made = innermost;
        for (int i = 0; i < 100'000; ++i)
            made = value::array({std::move(made)});
        return made;
    };
    const value a = nest(1);
    const value b = nest(2);
    EXPECT_LT(compare(a, b), 0);
    EXPECT_EQ(compare(a, nest(1)), 0);
    EXPECT_FALSE(a == b);
    EXPECT_TRUE(a == nest(1));
}

}  // namespace
}  // namespace sluice::json
