#include "sluice/json.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <utility>

namespace {

using sluice::json;
using sluice::json_error;

TEST(sdk_json, reads_what_it_writes) {
    for (const char* text : {"null",
                             "true",
                             "false",
                             "0",
                             "-1",
                             "1.5",
                             "-0.0",
                             "1e+100",
                             R"("")",
                             "[]",
                             "{}",
                             R"([1,[2,[3]],{"a":{"b":null}}])",
                             R"({"b":1,"a":2})",
                             "9223372036854775807",
                             "-9223372036854775808",
                             "18446744073709551615",
                             "18446744073709551616",
                             "123456789012345678901234567890",
                             "0.1000000000000000055511151231257827",
                             R"("\"\\\b\f\n\r\t\u0001é€𝄞")"}) {
        const json value = json::parse(text);
        EXPECT_EQ(json::parse(value.dump()), value) << text;
        EXPECT_EQ(json::parse(value.dump()).dump(), value.dump()) << text;
    }
    EXPECT_EQ(json::parse(R"({"b":1,"a":[true]})").dump(), R"({"b":1,"a":[true]})");
}

// Plain text is copied in one piece: whatever stands in it is found at each place.
TEST(sdk_json, finds_what_is_special_anywhere_in_plain_text) {
    const std::pair<std::string, std::string> specials[] = {
        {"\"", R"(\")"},  {"\\", R"(\\)"}, {"\n", R"(\n)"}, {"\x1f", R"(\u001f)"},
        {"\x7f", "\x7f"}, {"é", "é"},      {"𝄞", "𝄞"},
    };
    for (const auto& [plain, written] : specials) {
        for (std::size_t before = 0; before < 20; ++before) {
            for (const std::string& behind : {std::string(), std::string("x"), plain}) {
                const std::string text = std::string(before, 'a') + plain + behind;
                const std::string expected = '"' + std::string(before, 'a') + written +
                                             (behind == plain ? written : behind) + '"';
                EXPECT_EQ(json(text).dump(), expected);
                EXPECT_EQ(json::parse(expected).as_string(), text);
            }
        }
        EXPECT_THROW(json::parse('"' + std::string(5, 'a') + written), json_error);
    }
    EXPECT_THROW(json::parse("\"aaaa\n\""), json_error);
    EXPECT_THROW(json::parse("\"aaaa\xff\""), json_error);
}

TEST(sdk_json, keeps_integers_exact) {
    EXPECT_EQ(json::parse("9007199254740993").as_int64(), 9007199254740993);
    EXPECT_EQ(json::parse("-9223372036854775808").as_int64(),
              std::numeric_limits<std::int64_t>::min());
    EXPECT_EQ(json::parse("18446744073709551615").as_uint64(),
              std::numeric_limits<std::uint64_t>::max());
    EXPECT_EQ(json::parse("1e3").as_int64(), 1000);
    EXPECT_THROW(json::parse("18446744073709551615").as_int64(), json_error);
    EXPECT_THROW(json::parse("-1").as_uint64(), json_error);
    EXPECT_THROW(json::parse("1.5").as_int64(), json_error);
    EXPECT_THROW(json::parse("9223372036854775808.0").as_int64(), json_error);
}

TEST(sdk_json, keeps_the_text_of_numbers_that_no_type_holds) {
    for (const char* text :
         {"18446744073709551616", "1e400", "1e-400", "3.141592653589793238462643"}) {
        EXPECT_EQ(json::parse(text).dump(), text);
        EXPECT_EQ(json::number(text).number_text(), text);
    }
    EXPECT_DOUBLE_EQ(json::parse("18446744073709551616").as_double(), 18446744073709551616.0);
    EXPECT_THROW(json::number("1 "), json_error);
    EXPECT_THROW(json::number("\"1\""), json_error);
}

TEST(sdk_json, writes_numbers_that_are_none_as_null) {
    EXPECT_EQ(json(std::nan("")).dump(), "null");
    EXPECT_EQ(json(std::numeric_limits<double>::infinity()).dump(), "null");
}

TEST(sdk_json, refuses_what_is_not_json) {
    for (const char* text : {"",
                             " ",
                             "{",
                             "}",
                             "[1,]",
                             "[1 2]",
                             "{\"a\"}",
                             "{\"a\":}",
                             "{a:1}",
                             "{\"a\":1,}",
                             "01",
                             "+1",
                             "1.",
                             ".5",
                             "1e",
                             "-",
                             "tru",
                             "nul",
                             "\"",
                             "\"\\x\"",
                             "\"\\u12\"",
                             "\"\\ud800\"",
                             "\"\\udc00\"",
                             "\"\\ud800\\u0041\"",
                             "\"\n\"",
                             "\"\xff\"",
                             "\"\xc0\x80\"",
                             "\"\xed\xa0\x80\"",
                             "\"\xf4\x90\x80\x80\"",
                             "\"\xe2\x82\"",
                             "1 1",
                             "NaN",
                             "// 1"}) {
        EXPECT_THROW(json::parse(text), json_error) << text;
    }
    EXPECT_THROW(json::parse(std::string_view("\"\0\"", 3)), json_error);
    EXPECT_THROW(json::parse(std::string_view("1\0", 2)), json_error);
}

TEST(sdk_json, names_the_place_of_an_error) {
    try {
        json::parse(R"({"a": tru})");
        FAIL();
    } catch (const json_error& error) {
        EXPECT_STREQ(error.what(), "not JSON: expected a value at byte 6");
    }
}

TEST(sdk_json, limits_depth_in_both_directions) {
    const auto nested = [](std::size_t depth) {
        return std::string(depth, '[') + std::string(depth, ']');
    };
    const json deepest = json::parse(nested(json::max_depth));
    EXPECT_EQ(deepest.dump(), nested(json::max_depth));
    EXPECT_THROW(json::parse(nested(json::max_depth + 1)), json_error);
    EXPECT_THROW(json::array({deepest}).dump(), json_error);
    EXPECT_THROW(json::parse(std::string(1'000'000, '[')), json_error);
}

TEST(sdk_json, keeps_the_last_of_members_with_the_same_key) {
    EXPECT_EQ(json::parse(R"({"a":1,"b":2,"a":3,"a":4})").dump(), R"({"b":2,"a":4})");
    EXPECT_THROW(
        sluice::json_parser(R"([{"a":1,"a":2}])", sluice::json_parser::duplicate_keys::refuse)
            .read_text(),
        json_error);
}

TEST(sdk_json, keeps_the_last_of_members_however_many_there_are) {
    for (int count = 2; count < 40; ++count) {
        for (int first = 0; first < count - 1; ++first) {
            std::string text = "{";
            for (int i = 0; i < count - 1; ++i)
                text += "\"key" + std::to_string(i) + "\":" + std::to_string(i) + ',';
            text += "\"key" + std::to_string(first) + "\":-1}";
            const json read = json::parse(text);
            EXPECT_EQ(read.size(), static_cast<std::size_t>(count - 1));
            EXPECT_EQ(read.get_or("key" + std::to_string(first), 0), -1);
        }
    }
}

TEST(sdk_json, refuses_to_write_bytes_that_are_no_text) {
    EXPECT_THROW(json("\xff").dump(), json_error);
    EXPECT_THROW((json{{"\xff", 1}}.dump()), json_error);
}

TEST(sdk_json, reads_surrogate_pairs) {
    EXPECT_EQ(json::parse(R"("\ud834\udd1e\u00e9")").as_string(), "𝄞é");
}

TEST(sdk_json, is_built_from_braces) {
    const json name("x");
    const json value{
        {"name", name}, {"tags", json::array({1, "two", nullptr})}, {"in", {{"a", true}}}};
    EXPECT_EQ(value.dump(), R"({"name":"x","tags":[1,"two",null],"in":{"a":true}})");
    const json copy{value};
    EXPECT_EQ(copy, value);
    EXPECT_EQ((json{{"a", 1}, {"a", 2}}).dump(), R"({"a":2})");
}

TEST(sdk_json, reads_missing_things_as_null) {
    const json value = json::parse(R"({"a":[{"b":1}],"s":"x"})");
    EXPECT_EQ(value["a"][0]["b"], json(1));
    EXPECT_TRUE(value["a"][1]["b"].is_null());
    EXPECT_TRUE(value["x"]["y"][3].is_null());
    EXPECT_TRUE(value["s"]["y"].is_null());
    EXPECT_TRUE(value["s"].items().empty());
    EXPECT_FALSE(value.contains("x"));
    EXPECT_EQ(json::parse(R"({"a":{"b":2}})")["a"]["b"], json(2));
}

TEST(sdk_json, falls_back_when_a_member_is_missing_or_of_another_kind) {
    const json value = json::parse(R"({"s":"x","i":7,"d":1.5,"b":true})");
    EXPECT_EQ(value.get_or("s", "-"), "x");
    EXPECT_EQ(value.get_or("i", "-"), "-");
    EXPECT_EQ(value.get_or("i", 0), 7);
    EXPECT_EQ(value.get_or("s", 3), 3);
    EXPECT_EQ(value.get_or("d", 0), 0);
    EXPECT_EQ(value.get_or("d", 0.0), 1.5);
    EXPECT_EQ(value.get_or("i", 0.5), 7.0);
    EXPECT_TRUE(value.get_or("b", false));
    EXPECT_TRUE(value.get_or("x", true));
}

TEST(sdk_json, changes_in_place) {
    json value;
    value.set("a", 1).set("b", json::array());
    value.member_for_write("b").push(2).push("x");
    value.set("a", "y");
    EXPECT_EQ(value.dump(), R"({"a":"y","b":[2,"x"]})");
    EXPECT_TRUE(value.erase("a"));
    EXPECT_FALSE(value.erase("a"));
    EXPECT_EQ(value.dump(), R"({"b":[2,"x"]})");
    EXPECT_THROW(value.push(1), json_error);
    EXPECT_THROW(json(1).set("a", 1), json_error);
}

TEST(sdk_json, compares_by_value) {
    EXPECT_EQ(json::parse(R"({"a":1,"b":2})"), json::parse(R"({"b":2,"a":1})"));
    EXPECT_NE(json::parse(R"({"a":1})"), json::parse(R"({"a":1,"b":2})"));
    EXPECT_NE(json::parse("[1,2]"), json::parse("[2,1]"));
    EXPECT_EQ(json::parse("1.0"), json::parse("1"));
    EXPECT_NE(json::parse("18446744073709551615"), json::parse("18446744073709551614"));
    EXPECT_NE(json("1"), json(1));
    EXPECT_NE(json(false), json());
}

TEST(sdk_json, names_the_kind_that_it_found) {
    try {
        (void)json::array().as_string();
        FAIL();
    } catch (const json_error& error) {
        EXPECT_STREQ(error.what(), "expected a string, found an array");
    }
}

}  // namespace
