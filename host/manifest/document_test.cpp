#include "manifest/document.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <ostream>

#include "json/text.hpp"

namespace sluice::manifest {
namespace {

using testing::HasSubstr;

struct scalar {
    const char* yaml;
    const char* json;
};
void PrintTo(const scalar& of, std::ostream* out) { *out << of.yaml; }

class core_schema : public testing::TestWithParam<scalar> {};

TEST_P(core_schema, decides_what_a_plain_scalar_means) {
    const auto read = parse_document("v: " + std::string(GetParam().yaml), "test.yaml");
    ASSERT_TRUE(read) << read.error_value().to_text();
    EXPECT_EQ(json::to_text(read->content.get("v")), GetParam().json);
}

INSTANTIATE_TEST_SUITE_P(
    scalars, core_schema,
    testing::Values(scalar{"on", R"("on")"}, scalar{"yes", R"("yes")"}, scalar{"No", R"("No")"},
                    scalar{"true", "true"}, scalar{"False", "false"}, scalar{"", "null"},
                    scalar{"~", "null"}, scalar{"null", "null"}, scalar{"'null'", R"("null")"},
                    scalar{"12", "12"}, scalar{"-7", "-7"}, scalar{"+7", "7"}, scalar{"007", "7"},
                    scalar{"0x1f", "31"}, scalar{"0o17", "15"}, scalar{"1.5", "1.5"},
                    scalar{".5", "0.5"}, scalar{"1e3", "1000"}, scalar{"1.0.3", R"("1.0.3")"},
                    scalar{"\"12\"", R"("12")"}, scalar{"12:30", R"("12:30")"},
                    scalar{"2024-01-02", R"("2024-01-02")"},
                    scalar{"18446744073709551615", "18446744073709551615"},
                    scalar{"[a, 1]", R"(["a",1])"}, scalar{"{a: b}", R"({"a":"b"})"},
                    scalar{"${ .a | . + 1 }", R"("${ .a | . + 1 }")"},
                    scalar{"|\n  two\n  lines\n", R"("two\nlines\n")"}));

TEST(yaml_document, keeps_the_place_of_keys_and_values) {
    const auto read = parse_document("a:\n  b: 1\n  list:\n    - x\n    - {y: 2}\n", "f.yaml");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->key_position("/a/b").line, 2);
    EXPECT_EQ(read->key_position("/a/b").column, 3);
    EXPECT_EQ(read->value_position("/a/b").column, 6);
    EXPECT_EQ(read->value_position("/a/list/1/y").line, 5);
    EXPECT_EQ(read->value_position("/a/list/1/y").column, 11);
    EXPECT_EQ(read->value_position("/a/missing").line, 2) << "the parent's place";
}

TEST(yaml_document, pairs_of_surrogates_in_double_quotes_are_one_character) {
    // As in JSON; elsewhere a backslash is a backslash. Nothing behind them moves.
    const auto read = parse_document(
        "a: { \"\\ud83d\\ude00\": \"x\\uD83D\\uDE00\\\\\\ud800\\udc00\", b: 1 }\n"
        "c: '\\ud83d\\ude00'\n"
        "d: \\ud83d\\ude00 \"\n"
        "e: |\n  \\ud83d\\ude00\n"
        "f: \"\\\\ud83d \\udbff\\udfff\\ue000\\U0001F600\"\n"
        "g: \xC4\x80\xDE\x80\xDD\xBF\n",
        "f.yaml");
    ASSERT_TRUE(read) << read.error_value().to_text();
    EXPECT_EQ(read->content.get("a").string_or("\xF0\x9F\x98\x80", ""),
              "x\xF0\x9F\x98\x80\\\xF0\x90\x80\x80");
    for (const char* const key : {"c", "e"})
        EXPECT_THAT(read->content.string_or(key, ""), testing::StartsWith("\\ud83d\\ude00")) << key;
    EXPECT_EQ(read->content.string_or("d", ""), "\\ud83d\\ude00 \"");
    EXPECT_EQ(read->content.string_or("f", ""),
              "\\ud83d \xF4\x8F\xBF\xBF\xEE\x80\x80\xF0\x9F\x98\x80");
    EXPECT_EQ(read->content.string_or("g", ""), "\xC4\x80\xDE\x80\xDD\xBF");
    EXPECT_EQ(read->key_position("/a/b").column, 53);
}

TEST(yaml_document, keeps_keys_as_text) {
    const auto read = parse_document("on: 1\n404: 2\ntrue: 3\na/b~c: 4\n", "f.yaml");
    ASSERT_TRUE(read);
    EXPECT_EQ(json::to_text(read->content), R"({"on":1,"404":2,"true":3,"a/b~c":4})");
    EXPECT_EQ(read->key_position("/a~1b~0c").line, 4);
}

struct refused {
    const char* text;
    const char* message;
    int line;
};
void PrintTo(const refused& of, std::ostream* out) { *out << of.message; }

class refused_yaml : public testing::TestWithParam<refused> {};

TEST_P(refused_yaml, says_what_and_where) {
    const auto read = parse_document(GetParam().text, "f.yaml");
    ASSERT_FALSE(read);
    EXPECT_THAT(read.error_value().message, HasSubstr(GetParam().message));
    ASSERT_TRUE(read.error_value().where);
    EXPECT_EQ(read.error_value().where->file, "f.yaml");
    EXPECT_EQ(read.error_value().where->line, GetParam().line);
}

INSTANTIATE_TEST_SUITE_P(texts, refused_yaml,
                         testing::Values(refused{"a: &x 1\n", "anchor", 1},
                                         refused{"a: 1\nb: *x\n", "", 2},
                                         refused{"a: 1\n<<: {b: 2}\n", "merge key", 2},
                                         refused{"a: 1\nb: 2\na: 3\n", "\"a\" is there twice", 3},
                                         refused{"a: 1\n---\nb: 2\n", "several documents", 2},
                                         refused{"a: !!int 1\n", "tag", 1},
                                         refused{"? [a]\n: 1\n", "key must be text", 1},
                                         refused{"a: .inf\n", "no number", 1},
                                         refused{"a: [1\nb: 2\n", "the [ opened here", 1},
                                         refused{"a: \"\xff\"\n", "UTF-8", 0}));

TEST(refused_yaml_limits, size_and_depth) {
    EXPECT_THAT(parse_document(std::string(2 << 20, ' '), "f").error_value().message,
                HasSubstr("1 MiB"));
    std::string deep;
    for (int i = 0; i < 300; ++i)
        deep += "[";
    EXPECT_FALSE(parse_document(deep, "f.yaml"));
    std::string closed = std::string(70, '[') + std::string(70, ']');
    EXPECT_THAT(parse_document(closed, "f.yaml").error_value().message, HasSubstr("64 levels"));
}

TEST(json_document, is_read_strictly_and_has_places) {
    const auto read = parse_document("{\n  \"a\": {\"b\": 1.50}\n}\n", "f.json");
    ASSERT_TRUE(read) << read.error_value().to_text();
    EXPECT_EQ(json::to_text(read->content), R"({"a":{"b":1.5}})");
    EXPECT_EQ(read->key_position("/a/b").line, 2);
    EXPECT_FALSE(parse_document("{a: 1}", "f.json"));
    const auto surrogates = parse_document("{\"a\": \"\\ud83d\\ude00\"}", "f.json");
    ASSERT_TRUE(surrogates);
    EXPECT_EQ(surrogates->content.get("a").as_string(), "😀");
}

}  // namespace
}  // namespace sluice::manifest
