// What schema_suite_test.cpp does not see: messages, places, exactness, what is refused.
#include "json/schema.hpp"

#include <gtest/gtest.h>

#include "json/text.hpp"

namespace sluice::json {
namespace {

schema compiled(std::string_view document) {
    base::result<schema> made = schema::compile(parse(document).value());
    EXPECT_TRUE(made) << made.error_value().to_text();
    return std::move(made).value();
}

std::string problems(std::string_view document, std::string_view instance,
                     const validation_options& options = {}) {
    return explain(compiled(document).validate(parse(instance).value(), options));
}

std::string refusal(std::string_view document) {
    const base::result<schema> made = schema::compile(parse(document).value());
    return made ? "" : made.error_value().message;
}

TEST(schema_messages, name_the_place_and_what_was_there) {
    EXPECT_EQ(problems(R"({"properties": {"labels": {"items": {"type": "string"}}}})",
                       R"({"labels": [3]})"),
              "/labels/0: expected string, got number 3");
    EXPECT_EQ(problems(R"({"type": ["string", "null"]})", "[]"),
              "expected string or null, got array");
    EXPECT_EQ(problems(R"({"properties": {"a/b~c": false}})", R"({"a/b~c": 1})"),
              "/a~1b~0c: is not allowed here");
}

TEST(schema_messages, say_what_each_keyword_wants) {
    struct expectation {
        const char* document;
        const char* instance;
        const char* message;
    };
    const expectation expectations[] = {
        {R"({"enum": ["open", "closed"]})", R"("opened")",
         R"(expected one of "open", "closed", got string "opened")"},
        {R"({"const": 1})", "2", "expected 1, got number 2"},
        {R"({"minimum": 3})", "2", "expected at least 3, got number 2"},
        {R"({"exclusiveMaximum": 3})", "3", "expected less than 3, got number 3"},
        {R"({"multipleOf": 0.01})", "0.005", "expected a multiple of 0.01, got number 0.005"},
        {R"({"maxLength": 1})", R"("ab")", "expected at most 1 character, got 2"},
        {R"({"pattern": "^a"})", R"("b")", "expected a string that matches ^a, got string \"b\""},
        {R"({"format": "date"})", R"("2023-02-29")",
         "expected a date like 2024-02-29, got string \"2023-02-29\""},
        {R"({"minItems": 2})", "[1]", "expected at least 2 items, got 1"},
        {R"({"uniqueItems": true})", "[1, {}, 1.0]",
         "expected different items, but items 0 and 2 are equal"},
        {R"({"contains": {"type": "null"}})", "[1]",
         "expected at least 1 item that fits \"contains\", got 0"},
        {R"({"required": ["id"]})", "{}", "\"id\" is missing"},
        {R"({"dependentRequired": {"a": ["b"]}})", R"({"a": 1})",
         "\"b\" is missing; \"a\" asks for it"},
        {R"({"properties": {"name": {}}, "additionalProperties": false})", R"({"nam": 1})",
         "/nam: there is no \"nam\" here; known: name"},
        {R"({"propertyNames": {"maxLength": 1}})", R"({"ab": 1})",
         "the name \"ab\" does not fit \"propertyNames\""},
        {R"({"not": {"type": "null"}})", "null", "fits what \"not\" excludes: null"},
    };
    for (const expectation& each : expectations) {
        EXPECT_EQ(problems(each.document, each.instance), each.message) << each.document;
    }
}

TEST(schema_messages, explain_the_alternative_that_was_meant) {
    constexpr std::string_view by_kind =
        R"({"anyOf": [{"type": "string"}, {"type": "object", "required": ["$ref"]}]})";
    EXPECT_EQ(problems(by_kind, "{}"), "\"$ref\" is missing");
    EXPECT_EQ(problems(by_kind, "1"), "expected string or object, got number 1");
    EXPECT_EQ(problems(R"({"oneOf": [{"minimum": 1}, {"minimum": 2}]})", "0"),
              "fits none of 2 alternatives, got number 0");
    EXPECT_EQ(problems(R"({"oneOf": [{"minimum": 1}, {"minimum": 2}]})", "3"),
              "fits alternatives 0 and 1, expected exactly one of 2");
}

TEST(schema_messages, cut_long_text_between_characters) {
    const std::string text = "\"" + std::string(59, 'x') + "\u00e4\u00e4\u00e4\"";
    EXPECT_EQ(problems(R"({"type": "null"})", text),
              "expected null, got string \"" + std::string(59, 'x') + "...\"");
}

TEST(schema_messages, keep_values_to_themselves_when_told_to) {
    EXPECT_EQ(
        problems(R"({"pattern": "^a", "maxLength": 1})", R"("secret")", {.show_values = false}),
        "expected at most 1 character, got 6\n"
        "expected a string that matches ^a, got string");
}

TEST(schema_violations, point_to_the_keyword_in_the_document) {
    const auto found =
        compiled(R"({"$ref": "#/$defs/a", "$defs": {"a": {"items": {"type": "null"}}}})")
            .validate(parse("[null, 1]").value());
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].instance, "/1");
    EXPECT_EQ(found[0].keyword, "/$defs/a/items/type");
}

TEST(schema_numbers, are_exact_beyond_what_a_double_holds) {
    constexpr std::string_view most = R"({"maximum": 9007199254740992})";
    EXPECT_EQ(problems(most, "9007199254740992"), "");
    EXPECT_NE(problems(most, "9007199254740993"), "");
    EXPECT_NE(problems(R"({"const": 18446744073709551615})", "18446744073709551614"), "");
    EXPECT_EQ(problems(R"({"multipleOf": 3})", "18446744073709551615"), "");
    EXPECT_NE(problems(R"({"multipleOf": 3})", "18446744073709551614"), "");
    EXPECT_NE(problems(R"({"multipleOf": 10})", "9223372036854775807"), "");
    EXPECT_EQ(problems(R"({"multipleOf": 0.1})", "0.3"), "");
    EXPECT_EQ(problems(R"({"type": "integer", "multipleOf": 7})", "7e400"), "");
    EXPECT_NE(problems(R"({"type": "integer"})", "1.5e-400"), "");
}

TEST(schema_patterns, mean_what_they_mean_in_ecma_262) {
    EXPECT_NE(problems(R"({"pattern": "^abc$"})", R"("abc\n")"), "");
    EXPECT_NE(problems(R"({"pattern": "^\\d$"})", R"("\u0664")"), "");
    EXPECT_EQ(problems(R"({"pattern": "^[\\d.]+$"})", R"("1.5")"), "");
    EXPECT_NE(problems(R"({"pattern": "^\\w$"})", R"("\u00e4")"), "");
    EXPECT_EQ(problems(R"({"pattern": "^\\W$"})", R"("\u00e4")"), "");
    EXPECT_EQ(problems(R"({"pattern": "^\\ud83d\\ude00\\u00e4$"})", R"("\ud83d\ude00\u00e4")"), "");
    EXPECT_EQ(problems(R"({"pattern": "^[[$]+$"})", R"("[$")"), "");
    EXPECT_EQ(problems(R"({"pattern": "^\\$[^]$"})", R"("$\n")"), "");
    EXPECT_EQ(problems(R"({"patternProperties": {"^\\p{L}+$": false}})", R"({"\u00e4": 1})"),
              "/\u00e4: is not allowed here");
}

TEST(schema_compile, refuses_what_leaves_the_document) {
    EXPECT_EQ(refusal(R"({"properties": {"a": {"$ref": "other.json#/a"}}})"),
              "/properties/a/$ref: the reference \"other.json#/a\" leaves the document");
    EXPECT_EQ(
        refusal(R"({"$ref": "http://json-schema.org/draft-07/schema#"})"),
        "/$ref: the reference \"http://json-schema.org/draft-07/schema#\" leaves the document");
    EXPECT_EQ(refusal(R"({"$ref": "#/$defs/a"})"),
              "/$ref: the reference \"#/$defs/a\" names nothing in the document");
    EXPECT_EQ(refusal(R"({"$ref": "#a"})"),
              "/$ref: the reference \"#a\" names nothing in the document");
    EXPECT_EQ(refusal(R"({"items": {"$dynamicRef": "#a"}})"),
              "/items/$dynamicRef: $dynamicRef is not supported");
    EXPECT_EQ(refusal(R"({"$schema": "http://json-schema.org/draft-04/schema#"})"),
              "/$schema: the dialect \"http://json-schema.org/draft-04/schema#\" is not known");
}

TEST(schema_compile, refuses_what_is_no_schema) {
    EXPECT_EQ(refusal("3"), "expected a schema (an object, true or false), got number 3");
    EXPECT_EQ(refusal(R"({"type": "text"})"), "/type: there is no type \"text\"");
    EXPECT_EQ(refusal(R"({"minimum": "3"})"), "/minimum: expected a number, got string \"3\"");
    EXPECT_EQ(refusal(R"({"minLength": -1})"),
              "/minLength: expected a whole number from 0 on, got number -1");
    EXPECT_EQ(refusal(R"({"multipleOf": 0})"),
              "/multipleOf: expected a number above 0 of at most 18 digits, got number 0");
    EXPECT_EQ(refusal(R"({"required": "a"})"), "/required: expected a list of strings");
    EXPECT_EQ(refusal(R"({"properties": {"a": []}})"),
              "/properties/a: expected a schema (an object, true or false), got array");
    EXPECT_EQ(refusal(R"({"anyOf": {}})"), "/anyOf: expected a list of schemas, got object");
    EXPECT_EQ(refusal(R"({"dependentRequired": {"a/b": 1}})"),
              "/dependentRequired/a~1b: expected a list of strings");
    EXPECT_TRUE(refusal(R"({"pattern": "("})").starts_with("/pattern: no valid pattern: "));
    EXPECT_EQ(refusal(R"({"$defs": {"a": {"$anchor": "x"}, "b": {"$anchor": "x"}}})"),
              "/$defs/b/$anchor: another schema has the same name \"x\"");
}

TEST(schema_compile, tells_programs_the_place) {
    const auto made = schema::compile(parse(R"({"properties": {"a": {"type": 1}}})").value());
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error_value().code, base::error_code::invalid_input);
    EXPECT_EQ(made.error_value().details_json, R"({"pointer":"/properties/a/type"})");
}

TEST(schema_compile, reads_each_dialect_by_its_own_rules) {
    constexpr std::string_view beside_ref =
        R"({"$defs": {"a": {}}, "$ref": "#/$defs/a", "maximum": 1})";
    EXPECT_NE(problems(beside_ref, "2"), "");
    const std::string in_draft7 = R"({"$schema": "http://json-schema.org/draft-07/schema#", )" +
                                  std::string(beside_ref.substr(1));
    EXPECT_EQ(problems(in_draft7, "2"), "");
    EXPECT_NE(problems(R"({"items": [{"type": "null"}], "additionalItems": false})", "[null, 1]"),
              "");
}

}  // namespace
}  // namespace sluice::json
