// Functions about text, row by row. Expected results are jq 1.7.1's.
#include <gtest/gtest.h>

#include "expression/expression_testing.hpp"

namespace sluice::expression {
namespace {

class text_functions : public testing::TestWithParam<row> {};

TEST_P(text_functions, give_the_results_of_jq) {
    EXPECT_EQ(run(GetParam().program, GetParam().input), GetParam().expected);
}

const row rows[] = {
    {"ascii_downcase, ascii_upcase", R"("AbÄ")", R"("abÄ" "ABÄ")"},
    {R"([.[] | ltrimstr("a")])", R"(["ab","ba",1,null])", R"(["b","ba",1,null])"},
    {R"([.[] | rtrimstr("b")])", R"(["ab","ba",1])", R"(["a","ba",1])"},
    {"ltrimstr(1)", R"("a")", R"("a")"},
    {R"([startswith("a", "b")])", R"("ab")", "[true,false]"},
    {R"([endswith("a", "b")])", R"("ab")", "[false,true]"},
    {"explode", R"("aé😀")", "[97,233,128512]"},
    {"implode", "[97,233,128512]", R"("aé😀")"},
    {"implode", "[1114112, 55296]", R"("��")"},
    {"explode | reverse | implode", R"("abc")", R"("cba")"},
    {"[length, utf8bytelength]", R"("aé")", "[2,3]"},
    {R"(split(", "))", R"("a, b, c")", R"(["a","b","c"])"},
    {R"(split(""))", R"("abc")", R"(["a","b","c"])"},
    {R"(split(","))", R"("")", "[]"},
    {R"(. / ",")", R"("a,b")", R"(["a","b"])"},
    {R"(join(", "))", R"(["a",1,true,null,false,"b"])", R"("a, 1, true, , false, b")"},
    {R"(join(","))", "[]", R"("")"},
    {R"(join(","))", R"({"x":"a","y":"b"})", R"("a,b")"},
    {"join(null)", R"(["a","b"])", R"("ab")"},
    {R"([join(",", ";")])", R"(["a","b"])", R"(["a,b","a;b"])"},
    {R"(indices("b"))", R"("abcb")", "[1,3]"},
    {R"([index("b"), rindex("b")])", R"("abcb")", "[1,3]"},
    {R"(index("x"))", R"("abc")", "null"},
    {R"(indices("aa"))", R"("aaaa")", "[0,1,2]"},
    {R"(indices(""))", R"("abc")", "[]"},
    {".[1:3], .[:-1], .[-2:], .[1:], .[:0]", R"("abcde")", R"("bc" "abcd" "de" "bcde" "")"},
    {".[0.5:2.5]", R"("abcde")", R"("abc")"},
    {".[1:3]", R"("aéüb")", R"("éü")"},
    {". * 3", R"("ab")", R"("ababab")"},
    {"[. * (0, -1, 0.5, 1.5)]", R"("ab")", R"(["",null,"","ab"])"},
    {"3 * .", R"("ab")", R"("ababab")"},
    {"tojson, tostring", R"("a\"b")", R"("\"a\\\"b\"" "a\"b")"},
    {"tojson | fromjson", R"({"a":[1,"x",null]})", R"({"a":[1,"x",null]})"},
    {R"x("a\(1 + 1)b\("c" * 2)")x", "null", R"("a2bcc")"},
    {R"x("\(1, 2)-\("a", "b")")x", "null", R"("1-a" "2-a" "1-b" "2-b")"},
    {R"x(@text "x\([1, "a"])")x", "null", R"("x[1,\"a\"]")"},
    {R"x(@json "x\([1, "a"])")x", "null", R"("x[1,\"a\"]")"},
    {"@csv", R"([1,"a\"b",null,true,1.5])", R"("1,\"a\"\"b\",,true,1.5")"},
    {"@tsv", R"(["a\tb","c\\d\ne",null,false])", R"("a\\tb\tc\\\\d\\ne\t\tfalse")"},
    {"@html", R"("<a href='x'>&\"</a>")", R"("&lt;a href=&apos;x&apos;&gt;&amp;&quot;&lt;/a&gt;")"},
    {R"(@html "<b>\(.)</b>")", R"("a<b")", R"("<b>a&lt;b</b>")"},
    {"@uri", R"("a b/?é~-_.")", R"("a%20b%2F%3F%C3%A9~-_.")"},
    {R"(@uri "https://x/\(.)?q=1")", R"("ü&")", R"("https://x/%C3%BC%26?q=1")"},
    {"@sh", R"("it's")", R"("'it'\\''s'")"},
    {R"x(@sh "echo \(.)")x", R"(["a b",1,null])", R"("echo 'a b' 1 null")"},
    {"@base64", R"("häß")", R"("aMOkw58=")"},
    {"@base64d", R"("aMOkw58=")", R"("häß")"},
    {"@base64d", R"("YWI")", R"("ab")"},
    {R"(@base64 "x\("abc")y")", "null", R"("xYWJjy")"},
    {"@base64d", R"("/w==")", R"("�")"},
    {"@json, @text", R"({"a":1})", R"("{\"a\":1}" "{\"a\":1}")"},
    {"[.[] | @base64 | @base64d]", R"(["","f","fo","foo","foob"])",
     R"(["","f","fo","foo","foob"])"},
    {R"(format("csv"))", "[1,2]", R"("1,2")"},
    {R"(format("base64"))", R"("x")", R"("eA==")"},
    {"ascii_downcase", "1", "error: explode input must be a string"},
    {"explode", "1", "error: explode input must be a string"},
    {"implode", R"("a")", "error: implode input must be an array"},
    {"implode", R"(["a"])",
     R"(error: string ("a") can't be imploded, unicode codepoint needs to be numeric)"},
    {"implode", "[[1]]",
     "error: array ([1]) can't be imploded, unicode codepoint needs to be numeric"},
    {"split(1)", R"("a")", "error: split input and separator must be strings"},
    {"startswith(1)", R"("a")", "error: startswith() requires string inputs"},
    {R"(endswith("a"))", "null", "error: endswith() requires string inputs"},
    {"utf8bytelength", "[]", "error: array ([]) only strings have UTF-8 byte length"},
    {R"(join(","))", "[[1]]", R"(error: string ("") and array ([1]) cannot be added)"},
    {R"(join(","))", R"("x")", R"(error: Cannot iterate over string ("x"))"},
    {"join(1)", R"(["a","b"])", R"(error: string ("a") and number (1) cannot be added)"},
    {"@csv", "1", "error: number (1) cannot be csv-formatted, only array"},
    {"@csv", "[[1]]", "error: array ([1]) is not valid in a csv row"},
    {"@tsv", "{}", "error: object ({}) cannot be tsv-formatted, only array"},
    {"@sh", "[{}]", "error: object ({}) can not be escaped for shell"},
    {"@base64d", R"("#")", R"(error: string ("#") is not valid base64 data)"},
    {"@base64d", R"("QUJDa")", R"(error: string ("QUJDa") trailing base64 byte found)"},
    {R"(format("nope"))", "null", "error: nope is not a valid format"},
    {"format(1)", "null", "error: number (1) is not a valid format"},
    {". + 1", R"("a")", R"(error: string ("a") and number (1) cannot be added)"},
    {". * {}", R"("a")", R"(error: string ("a") and object ({}) cannot be multiplied)"},
    {". - 1", R"("a")", R"(error: string ("a") and number (1) cannot be subtracted)"},
    {". / 1", R"("a")", R"(error: string ("a") and number (1) cannot be divided)"},
    {R"(test("a"))", "{}", "error: object ({}) cannot be matched, as it is not a string"},
};
INSTANTIATE_TEST_SUITE_P(rows, text_functions, testing::ValuesIn(rows));

}  // namespace
}  // namespace sluice::expression
