#include <gtest/gtest.h>

#include "json/text.hpp"

namespace sluice::json {
namespace {

using namespace std::string_literals;

struct good_case {
    std::string text;
    std::string written;
};

TEST(json_text, reads_what_rfc_8259_allows) {
    const good_case cases[] = {
        {"null", "null"},
        {" \t\r\n true \n", "true"},
        {"false", "false"},
        {R"("")", R"("")"},
        {"[]", "[]"},
        {"{ }", "{}"},
        {"[ 1 , [ ] , { } ]", "[1,[],{}]"},
        {R"({"a":{"b":[1,2,{"c":null}]},"":0})", R"({"a":{"b":[1,2,{"c":null}]},"":0})"},
        {R"("\"\\\/\b\f\n\r\t")", R"("\"\\/\b\f\n\r\t")"},
        {R"("\u0041\u00e9\u20ac\ud83d\ude00\u0000")", "\"A\u00e9\u20ac\U0001f600\\u0000\""},
        {"\"\u00e9\u20ac\U0001f600\x7f\"", "\"\u00e9\u20ac\U0001f600\x7f\""},
        {R"({"\u0061":1,"\u0000":2})", R"({"a":1,"\u0000":2})"},
        {"[1e400,{\"a\":-2E-500},\"1e400\",3]", "[1e400,{\"a\":-2E-500},\"1e400\",3]"},
        {R"(["\"1e400",1e400,"\\",1e401])", R"(["\"1e400",1e400,"\\",1e401])"},
        {"[" + std::string(400, '1') + "]", "[" + std::string(400, '1') + "]"},
    };
    for (const good_case& each : cases) {
        const auto read = parse(each.text);
        ASSERT_TRUE(read) << each.text << ": " << read.error_value().to_text();
        EXPECT_EQ(to_text(*read), each.written);
    }
}

struct bad_case {
    std::string text;
    int line;
    int column;
    std::string message;  // a part of it
};

class bad_text : public testing::TestWithParam<bad_case> {};

TEST_P(bad_text, is_refused_with_its_place) {
    const auto read = parse(GetParam().text);
    ASSERT_FALSE(read) << to_text(*read);
    const base::error& failure = read.error_value();
    EXPECT_EQ(failure.code, base::error_code::invalid_input);
    EXPECT_TRUE(failure.message.starts_with("invalid JSON: ")) << failure.message;
    EXPECT_NE(failure.message.find(GetParam().message), std::string::npos) << failure.message;
    ASSERT_TRUE(failure.where);
    EXPECT_EQ(failure.where->line, GetParam().line);
    EXPECT_EQ(failure.where->column, GetParam().column);
    EXPECT_EQ(failure.where->file, "");
}

const bad_case bad_cases[] = {
    {"", 1, 1, "there is no value"},
    {"  \n ", 2, 2, "there is no value"},
    {"nul", 1, 4, "ends too early"},
    {"nulL", 1, 4, "expected a value"},
    {"True", 1, 1, "expected a value"},
    {"1 2", 1, 3, "more text after the value"},
    {"{} x", 1, 4, "more text after the value"},
    {"[1,2", 1, 5, "ends too early, expected ',' or ']'"},
    {"[1,]", 1, 4, "expected a value"},
    {"[,1]", 1, 2, "expected a value"},
    {"[1 2]", 1, 4, "expected ',' or ']'"},
    {"{\"a\":1,}", 1, 8, "expected a key"},
    {"{\"a\" 1}", 1, 6, "expected ':'"},
    {"{\"a\":}", 1, 6, "expected a value"},
    {"{\"a\":1 \"b\":2}", 1, 8, "expected ',' or '}'"},
    {"{a:1}", 1, 2, "expected a key"},
    {"{1:1}", 1, 2, "expected a key"},
    {"{'a':1}", 1, 2, "expected a key"},
    {"[01]", 1, 3, "expected ',' or ']'"},
    {"[1e400,01]", 1, 9, "expected ',' or ']'"},
    {"[1.]", 1, 4, "after the decimal point"},
    {"[1e]", 1, 4, "in the exponent"},
    {"[-]", 1, 3, "expected a value"},
    {"[+1]", 1, 2, "expected a value"},
    {"[.5]", 1, 2, "expected a value"},
    {"[NaN]", 1, 2, "expected a value"},
    {"[Infinity]", 1, 2, "expected a value"},
    {"[1] // end", 1, 5, "more text after the value"},
    {"/* x */ 1", 1, 1, "expected a value"},
    {"\"abc", 1, 5, "a string does not end"},
    {"\"a\nb\"", 1, 3, "control character"},
    {"\"a\tb\"", 1, 3, "control character"},
    {R"("a\x")", 1, 3, "unknown escape"},
    {R"("a\u12G4")", 1, 3, "hexadecimal"},
    {R"("\ud800")", 1, 2, "surrogate"},
    {R"("\ud800\u0041")", 1, 2, "surrogate"},
    {R"([1,"ab\udc00"])", 1, 4, "surrogate"},
    {R"({"\udfff":1})", 1, 2, "surrogate"},
    {"\"\xff\"", 1, 2, "not valid UTF-8"},
    {"[\n\"\xc3\xa9\xed\xa0\x80\"]", 2, 3, "not valid UTF-8"},
    {"1\0"s, 1, 2, "zero byte"},
    {"1\0 2"s, 1, 2, "zero byte"},
    {"\"a\0b\""s, 1, 3, "zero byte"},
    {"{\"a\":1,\n  \"b\":2,\n  \"a\":3}", 3, 3, "the key \"a\" appears twice"},
    {"{\"a\":1,\"\\u0061\":3}", 1, 8, "the key \"a\" appears twice"},
    {"[{\"a\":{\"a\":1}},{\"b\":[],\"b\":1}]", 1, 24, "the key \"b\" appears twice"},
    {"[\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\", x]", 1, 9, "expected a value"},
};
INSTANTIATE_TEST_SUITE_P(cases, bad_text, testing::ValuesIn(bad_cases));

TEST(json_text, a_byte_order_mark_is_named) {
    const auto read = parse("\xef\xbb\xbf{}");
    ASSERT_FALSE(read);
    EXPECT_NE(read.error_value().hint.find("byte order mark"), std::string::npos);
}

TEST(json_text, refuses_duplicate_keys_in_large_objects) {
    for (const int count : {15, 16, 17, 18, 40, 5'000}) {
        std::string text = "{";
        for (int i = 0; i < count; ++i)
            text += "\"k" + std::to_string(i) + "\":" + "{\"k0\":0},";
        const auto unique = parse(text + "\"last\":0}");
        ASSERT_TRUE(unique);
        EXPECT_EQ(unique->size(), static_cast<std::size_t>(count) + 1);
        for (const int twice : {0, count / 2, count - 1}) {
            const auto read = parse(text + "\"k" + std::to_string(twice) + "\":0}");
            ASSERT_FALSE(read) << count << " " << twice;
            EXPECT_EQ(read.error_value().where->column, static_cast<int>(text.size()) + 1);
        }
    }
}

TEST(json_text, the_depth_limit_is_inclusive) {
    const auto nest = [](std::size_t depth) {
        return std::string(depth, '[') + std::string(depth, ']');
    };
    EXPECT_TRUE(parse(nest(512)));
    const auto refused = parse(nest(513));
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error_value().message.find("deeper than 512 levels"), std::string::npos);
    EXPECT_TRUE(parse(R"({"a":[1]})", {.depth = 2}));
    EXPECT_FALSE(parse(R"({"a":[{}]})", {.depth = 2}));
    EXPECT_TRUE(parse("1", {.depth = 0}));
    EXPECT_TRUE(parse(nest(200'000), {.depth = 200'000}));
    EXPECT_FALSE(parse(std::string(1'000'000, '[')));
}

TEST(json_text, the_size_limit_is_inclusive) {
    EXPECT_TRUE(parse("[1]", {.bytes = 3}));
    const auto refused = parse("[1] ", {.bytes = 3});
    ASSERT_FALSE(refused);
    EXPECT_NE(refused.error_value().message.find("larger than 3 bytes"), std::string::npos);
}

TEST(json_text, every_prefix_of_a_text_is_refused) {
    const std::string text = R"({"a":[1.5e3,true,null,"x\u00e9\ud83d\ude00"],"b":{"c":-0.25}})";
    ASSERT_TRUE(parse(text));
    for (std::size_t length = 0; length < text.size(); ++length) {
        EXPECT_FALSE(parse(std::string_view(text).substr(0, length))) << length;
    }
}

TEST(json_text, reads_no_byte_beyond_the_view) {
    const std::string text = "[12]34";
    const auto read = parse(std::string_view(text).substr(0, 4));
    ASSERT_TRUE(read);
    EXPECT_EQ(to_text(*read), "[12]");
    EXPECT_EQ(parse(std::string_view(text).substr(1, 1))->as_int64(), 1);
}

}  // namespace
}  // namespace sluice::json
