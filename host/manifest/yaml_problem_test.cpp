// What an author reads about a file that is no YAML.
#include <gtest/gtest.h>

#include <ostream>

#include "manifest/document.hpp"

namespace sluice::manifest {
namespace {

struct mistake {
    const char* text;
    const char* told;  // "line:column: message (hint)"
};
void PrintTo(const mistake& of, std::ostream* out) { *out << of.text; }

class yaml_mistake : public testing::TestWithParam<mistake> {};

TEST_P(yaml_mistake, is_told_where_it_was_made) {
    const auto read = parse_document(GetParam().text, "f.yaml");
    ASSERT_FALSE(read);
    const base::error& told = read.error_value();
    ASSERT_TRUE(told.where);
    EXPECT_EQ(std::to_string(told.where->line) + ":" + std::to_string(told.where->column) + ": " +
                  told.message + (told.hint.empty() ? "" : " (" + told.hint + ")"),
              GetParam().told);
}

#define TAB(PLACE)                                                                                 \
    PLACE                                                                                          \
    ": a tab is used for indentation; YAML allows spaces only (replace the tabs at the beginning " \
    "of the lines by spaces)"

INSTANTIATE_TEST_SUITE_P(tabs, yaml_mistake,
                         testing::Values(mistake{"a:\n\tb:\n\t\tc: 1\n", TAB("2:1")},
                                         mistake{"a:\n  b: 1\n  \tc: 2\n", TAB("3:3")},
                                         mistake{"a:\n  - b:\n      c: 1\n\td: 2\n", TAB("4:1")}));

INSTANTIATE_TEST_SUITE_P(
    quotes, yaml_mistake,
    testing::Values(
        mistake{"a: 1\nb: { c: \"open }\nd: 2\n",
                "2:9: the quote opened here is never closed (put \" at the end of the text)"},
        // The parser takes this for text up to the end of the file.
        mistake{"a: 1\nb: 'open\nc: 2\n",
                "2:4: the quote opened here is never closed (put ' at the end of the text)"},
        mistake{"a: \"open\nb: 1\nc: \"x\"\n",
                "1:4: the quote opened here is closed only in line 3, column 4 (put \" where the "
                "text ends)"},
        mistake{"a: 'it's late'\n",
                "1:8: the quoted text that begins in column 4 has ended before this (inside '...' "
                "write '' for a quote)"},
        mistake{"a: \"${ .a + \"x\" }\"\n",
                "1:14: the quoted text that begins in column 4 has ended before this (inside "
                "\"...\" write \\\" for a quote, or put the text into '...')"},
        mistake{"a: { b: \"x\" c: 1 }\n", "1:13: a comma is missing before \"c\""},
        mistake{
            "a: \"C:\\dir\"\n",
            "1:7: \\d means nothing inside \"...\" (write \\\\ for a backslash, or put the text "
            "into '...')"},
        mistake{"a: 1\nb: { c: \"x\\ud83d y\" }\nd: \"\\ud83d\\ude00\"\n",
                "2:11: \\ud83d is half of a character: above U+FFFF it takes two of them (write "
                "both, like \\ud83d\\ude00, or the character itself)"},
        mistake{"a: \"\\ud83d\\ude00 \\uDE00\"\n",
                "1:18: \\uDE00 is half of a character: above U+FFFF it takes two of them (write "
                "both, like \\ud83d\\ude00, or the character itself)"},
        mistake{"a: \"\\\\ud83d\\ude00\"\n",
                "1:12: \\ude00 is half of a character: above U+FFFF it takes two of them (write "
                "both, like \\ud83d\\ude00, or the character itself)"},
        mistake{"a: \"\\U00110000\"\n", "1:5: \\U00110000 is no character"},
        mistake{"a: \"\\uset\"\n",
                "1:5: behind \\u stand four hexadecimal digits (write \\\\ for a backslash, or put "
                "the text into '...')"}));

INSTANTIATE_TEST_SUITE_P(
    indentation, yaml_mistake,
    testing::Values(
        mistake{
            "a:\n    b: 1\n  c: 2\n",
            "3:3: the indentation of \"c\" matches no enclosing block (begin it in column 5 like "
            "\"b\" in line 2, or in column 1 like \"a\" in line 1)"},
        mistake{
            "a: 1\n  b: 2\n",
            "2:3: \"b\" cannot belong to \"a\" in line 1, which has its value already (begin it "
            "in column 1 like \"a\" in line 1)"},
        mistake{
            "a: { x: 1 }\n  b: 2\n",
            "2:3: \"b\" cannot belong to \"a\" in line 1, which has its value already (begin it "
            "in column 1 like \"a\" in line 1)"},
        mistake{
            "do:\n  - a: { x: 1 }\n - b: { x: 1 }\n",
            "3:2: the indentation of this item matches no enclosing block (begin it in column 3 "
            "like the item in line 2)"},
        mistake{"do:\n  - a: { x: 1 }\n    - b: { x: 1 }\n",
                "3:5: this item cannot belong to \"a\" in line 2, which has its value already "
                "(begin it in column 3 like the item in line 2)"},
        mistake{
            "do:\n  - a: { x: 1 }\n  b: { x: 1 }\n",
            "3:3: \"b\" stands among the items of a list, which begin with \"- \" (write - b: if "
            "it is an item, or indent it to belong to the item in line 2)"},
        mistake{"a: - b\n",
                "1:4: a list cannot begin on the line of its key (put each item on a line of its "
                "own below it)"},
        // Text after | and in quotes has no indentation of blocks.
        mistake{
            "a: |\n   x\n   y: z\nb: \"1\n   2\"\nc:\n    d: 1\n  e: 2\n",
            "8:3: the indentation of \"e\" matches no enclosing block (begin it in column 5 like "
            "\"d\" in line 7, or in column 1 like \"c\" in line 6)"}));

INSTANTIATE_TEST_SUITE_P(
    brackets, yaml_mistake,
    testing::Values(
        mistake{"a: { b: 1\nc: 2\n", "1:4: the { opened here is never closed (put } at its end)"},
        mistake{"a: { b: 1", "1:4: the { opened here is never closed (put } at its end)"},
        mistake{"a:\n  - { b: { c: 1 }\n  - d\n",
                "2:5: the { opened here is never closed (put } at its end)"},
        mistake{"a: { b: [1, 2 }\n",
                "1:9: the [ opened here is not closed before the } in line 1, column 15 (put ] "
                "there)"},
        mistake{
            "a: { b: 1 } }\n",
            "1:13: this } closes nothing that is open (remove it, or put quotes around the text "
            "that it belongs to)"},
        mistake{
            "a: { b: 1 },\nc: 2\n",
            "1:12: a comma does not belong here (remove it: outside of { } and [ ] a line break "
            "separates)"},
        mistake{"a: \"1\",\nb: 2\n",
                "1:7: a comma does not belong here (remove it: outside of { } and [ ] a line break "
                "separates)"},
        mistake{"a: { b: 1 } c: 2\n",
                "1:13: the } before this ended the value (a } too many stands before it, or a line "
                "break is missing)"},
        mistake{"a: { b: x c: 1 }\n",
                "1:11: a comma is missing before \"c\" in the { opened in line 1, column 4 (or "
                "quotes around the value, if its text holds \": \")"},
        mistake{"a: { b: 1, , c: 2 }\n",
                "1:12: a key is missing here (remove the comma or the colon)"},
        mistake{"a: { b: ${ .c } }\n",
                "1:9: an expression inside { } or [ ] needs quotes (write \"${ ... }\", or '${ ... "
                "}' when it holds quotes itself)"}));

INSTANTIATE_TEST_SUITE_P(
    colons, yaml_mistake,
    testing::Values(
        mistake{"a:1\nb: 2\n", "1:2: a space is missing after the colon of \"a\""},
        mistake{"a:{ b: {} }\n", "1:2: a space is missing after the colon of \"a\""},
        mistake{"a 1\nb: 2\n", "1:1: a colon is missing in \"a 1\" (write a: 1)"},
        mistake{"a\n  b: 2\n", "1:1: a colon is missing in \"a\" (write a:)"},
        mistake{"a: note: late\n",
                "1:4: a value that holds \": \" needs quotes (write \"note: late\")"},
        mistake{"a: ${ {b: \"c\"} }\n",
                "1:4: an expression that holds \": \" needs quotes (write '${ {b: \"c\"} }')"},
        mistake{"a: ${ {b: \"it's\"} }\n",
                "1:4: an expression that holds \": \" needs quotes (write it on lines of its own, "
                "indented below `key: |`)"}));

INSTANTIATE_TEST_SUITE_P(
    first_characters, yaml_mistake,
    testing::Values(
        mistake{"a: @b\n", "1:4: a value cannot begin with @ (put it in quotes)"},
        mistake{"a: b\nc: % d\n", "2:4: a value cannot begin with % (put it in quotes)"},
        mistake{"a: & b\n", "1:4: a value cannot begin with & (put it in quotes)"},
        mistake{"cron: */5 * * * *\n",
                "1:7: a value that begins with * is an alias, and aliases are not supported (put "
                "quotes around it if it is text, as in cron: \"*/5 * * * *\")"},
        mistake{
            "a: > b\n",
            "1:6: the text after | or > begins on the next line (put quotes around a value that "
            "begins with one of them)"},
        // What is not recognized is told in the parser's words.
        mistake{"? a\n  : b\n",
                "2:3: this is not valid YAML: illegal map value (check indentation and quotes; an "
                "expression that holds \": \" or \" #\" needs quotes around it)"}));

#undef TAB

TEST(yaml_places, of_nothing_is_that_of_its_key) {
    const auto read = parse_document("a:\n  b:\n  c: 1\nd:\n", "f.yaml");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->value_position("/a/b").line, 2);
    EXPECT_EQ(read->value_position("/a/b").column, 3);
    EXPECT_EQ(read->value_position("/d").line, 4);
}

TEST(yaml_quotes, may_end_with_the_file) {
    EXPECT_TRUE(parse_document("a: 'it''s'", "f.yaml"));
    EXPECT_TRUE(parse_document("a: \"x \\\" y\"", "f.yaml"));
    EXPECT_TRUE(parse_document("a: \"x\n  y\"\n# don't\n", "f.yaml"));
    EXPECT_TRUE(parse_document("\xEF\xBB\xBF\"a\": 'b'\n", "f.yaml"));
    EXPECT_TRUE(parse_document("a: |\n  'b\n", "f.yaml"));
}

}  // namespace
}  // namespace sluice::manifest
