// Values and schemas that were made to be expensive.
#include <gtest/gtest.h>

#include "json/schema.hpp"
#include "json/text.hpp"

namespace sluice::json {
namespace {

std::vector<violation> check(const value& document, const value& instance,
                             const validation_options& options = {}) {
    base::result<schema> made = schema::compile(document);
    EXPECT_TRUE(made) << made.error_value().to_text();
    return made->validate(instance, options);
}

value read(std::string_view text) { return parse(text).value(); }

TEST(schema_limits, stop_a_reference_to_itself) {
    const auto found = check(read(R"({"$ref": "#"})"), 1);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].message, "too deep to be checked: more than 1000 schemas inside each other");
    // Not even what turns an outcome around makes it fit.
    EXPECT_FALSE(check(read(R"({"not": {"$ref": "#"}})"), 1).empty());
    EXPECT_FALSE(check(read(R"({"anyOf": [{"$ref": "#"}, true]})"), 1).empty());
}

TEST(schema_limits, stop_at_values_deeper_than_allowed) {
    value deep = 1;
    for (int i = 0; i < 100'000; ++i)
        deep = value::array({std::move(deep)});
    const auto found = check(read(R"({"items": {"$ref": "#"}})"), deep);
    ASSERT_EQ(found.size(), 1u);
    EXPECT_TRUE(found[0].message.starts_with("too deep to be checked"));
}

TEST(schema_limits, let_pass_what_a_parser_lets_pass) {
    std::string text = std::string(450, '[') + std::string(450, ']');
    EXPECT_TRUE(check(read(R"({"type": "array", "items": {"$ref": "#"}})"), read(text)).empty());
}

TEST(schema_limits, stop_work_that_doubles_with_each_level) {
    value document = read(R"({"$defs": {"s0": {"type": "string"}}})");
    value definitions = document.get("$defs");
    for (int i = 1; i <= 60; ++i) {
        const value below = value::object({{"$ref", "#/$defs/s" + std::to_string(i - 1)}});
        definitions.set("s" + std::to_string(i),
                        value::object({{"anyOf", value::array({below, below})}}));
    }
    document.set("$defs", definitions);
    document.set("$ref", "#/$defs/s60");
    const auto found = check(document, 1, {.steps = 100'000});
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].message, "too much work to be checked to the end");
}

TEST(schema_limits, stop_a_pattern_that_goes_back_for_ever) {
    const std::string text = std::string(5000, 'a') + "!";
    const auto found = check(read(R"({"items": {"pattern": "^(a+)+$"}})"), value::array({text}));
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].instance, "/0");
    EXPECT_TRUE(found[0].message.starts_with("could not be matched: ")) << found[0].message;
    EXPECT_FALSE(check(read(R"({"not": {"pattern": "^(a+)+$"}})"), text).empty());
}

TEST(schema_limits, count_expensive_patterns_as_what_they_cost) {
    // Each takes some hundred thousand steps back, which is less than the limit of one search.
    const value text = std::string(17, 'a') + "!";
    std::vector<value> items(1000, text);
    const auto found = check(read(R"({"items": {"not": {"pattern": "^(a+)+$"}}})"),
                             value::array(std::move(items)), {.steps = 500'000});
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].message, "too much work to be checked to the end");
}

TEST(schema_limits, stop_collecting) {
    std::vector<value> items(100, value(1));
    const auto found = check(read(R"({"items": {"type": "string"}})"),
                             value::array(std::move(items)), {.violations = 3});
    ASSERT_EQ(found.size(), 3u);
    EXPECT_EQ(found[2].instance, "/2");
}

TEST(schema_limits, refuse_schemas_nested_without_end) {
    value document = value::object();
    for (int i = 0; i < 10'000; ++i)
        document = value::object({{"not", std::move(document)}});
    const auto made = schema::compile(document);
    ASSERT_FALSE(made);
    EXPECT_TRUE(made.error_value().message.ends_with("more than 200 schemas inside each other"));
}

}  // namespace
}  // namespace sluice::json
