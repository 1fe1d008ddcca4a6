#include <gtest/gtest.h>

#include "base/random.hpp"
#include "json/text.hpp"

namespace sluice::json {
namespace {

TEST(json_text, writes_compactly) {
    const value content = value::object(
        {{"null", nullptr}, {"list", value::array({1, -2.5, true, "x"})}, {"no", value::object()}});
    EXPECT_EQ(to_text(content), R"({"null":null,"list":[1,-2.5,true,"x"],"no":{}})");
    std::string out = "before:";
    append_text(out, value::array());
    EXPECT_EQ(out, "before:[]");
}

TEST(json_text, writes_for_people_with_two_spaces) {
    const value content = value::object({{"list", value::array({1, value::array()})},
                                         {"object", value::object({{"k", "v"}})},
                                         {"no", value::object()}});
    EXPECT_EQ(to_pretty_text(content), R"({
  "list": [
    1,
    []
  ],
  "object": {
    "k": "v"
  },
  "no": {}
})");
    EXPECT_EQ(to_pretty_text(value(1)), "1");
}

TEST(json_text, escapes_what_must_be_escaped_and_nothing_else) {
    std::string all;
    for (int c = 0; c < 0x80; ++c)
        all += static_cast<char>(c);
    all += "\u00e9\u2028\U0001f600";
    EXPECT_EQ(to_text(value(all)),
              "\"\\u0000\\u0001\\u0002\\u0003\\u0004\\u0005\\u0006\\u0007\\b\\t\\n\\u000b\\f\\r"
              "\\u000e\\u000f\\u0010\\u0011\\u0012\\u0013\\u0014\\u0015\\u0016\\u0017\\u0018"
              "\\u0019\\u001a\\u001b\\u001c\\u001d\\u001e\\u001f !\\\"#$%&'()*+,-./0123456789:;<=>"
              "?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\\\]^_`abcdefghijklmnopqrstuvwxyz{|}~\x7f"
              "\u00e9\u2028\U0001f600\"");
    EXPECT_EQ(to_text(value::object({{"a\"b", 1}})), R"({"a\"b":1})");
}

TEST(json_text, nests_deeper_than_the_stack_are_written) {
    value nest;
    for (int i = 0; i < 100'000; ++i)
        nest = value::array({std::move(nest)});
    EXPECT_EQ(to_text(nest).size(), 2u * 100'000 + 4);
}

value random_value(base::random_source& random, int depth) {
    switch (random.below(depth > 0 ? 9 : 7)) {
        case 0:
            return nullptr;
        case 1:
            return random.below(2) == 0;
        case 2:
            return static_cast<std::int64_t>(random.next());
        case 3:
            return random.next();
        case 4:
            return static_cast<double>(random.next()) / 1e10;
        case 5:
            return value::number(std::to_string(random.next()) + "e-" +
                                 std::to_string(random.below(500)));
        case 6: {
            std::string text;
            for (auto left = random.below(12); left > 0; --left) {
                text += static_cast<char>(random.below(128));
            }
            return text;
        }
        case 7: {
            value array = value::array();
            for (auto left = random.below(5); left > 0; --left) {
                array.push(random_value(random, depth - 1));
            }
            return array;
        }
        default: {
            value object = value::object();
            for (auto left = random.below(25); left > 0; --left) {
                object.set("k" + std::to_string(random.below(100)),
                           random_value(random, depth - 1));
            }
            return object;
        }
    }
}

TEST(json_text, what_is_written_reads_back_as_the_same) {
    base::seeded_random random(20261123);
    for (int i = 0; i < 500; ++i) {
        const value content = random_value(random, 4);
        const std::string text = to_text(content);
        const auto read = parse(text);
        ASSERT_TRUE(read) << text;
        ASSERT_EQ(*read, content) << text;
        ASSERT_EQ(to_text(*read), text);
        const auto pretty = parse(to_pretty_text(content));
        ASSERT_TRUE(pretty) << text;
        ASSERT_EQ(compare(*pretty, content), 0) << text;
    }
}

}  // namespace
}  // namespace sluice::json
