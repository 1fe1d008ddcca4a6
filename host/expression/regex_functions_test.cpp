// Functions about regular expressions, row by row. Expected results are jq 1.7.1's.
#include <gtest/gtest.h>

#include "expression/expression_testing.hpp"

namespace sluice::expression {
namespace {

class regex_functions : public testing::TestWithParam<row> {};

TEST_P(regex_functions, give_the_results_of_jq) {
    EXPECT_EQ(run(GetParam().program, GetParam().input), GetParam().expected);
}

const row rows[] = {
    {R"([match("a+"; "g") | [.offset, .length, .string]])", R"("aa b aaa")",
     R"([[0,2,"aa"],[5,3,"aaa"]])"},
    {R"(match("(?<x>b)(c)?"))", R"("abd")",
     R"({"offset":1,"length":1,"string":"b","captures":[{"offset":1,"length":1,"string":"b","name":"x"},{"offset":-1,"string":null,"length":0,"name":null}]})"},
    {R"(match("(?<x>b)(?<y>c)?").captures)", R"("abd")",
     R"([{"offset":1,"length":1,"string":"b","name":"x"},{"offset":-1,"string":null,"length":0,"name":"y"}])"},
    {R"x([match("(a)|(b)"; "g").captures[].string])x", R"("ab")", R"(["a",null,null,"b"])"},
    {R"([match(""; "g").offset])", R"("abc")", "[0,1,2,3]"},
    {R"([match("(x)*"; "g").captures[0].name])", R"("ab")", "[null,null,null]"},
    {R"(match(["A", "i"]).string)", R"("xay")", R"("a")"},
    {R"(match(["b"]).offset)", R"("abc")", "1"},
    {R"([match("é"; "g").offset])", R"("aébé")", "[1,3]"},
    {R"([match("."; "g").length])", R"("😀é")", "[1,1]"},
    {R"([match("\\d+"; "g").string])", R"("12 a 345")", R"(["12","345"])"},
    {R"([match("^.") .string])", R"("ab\ncd")", R"(["a"])"},
    {R"([match("^."; "g").string])", R"("ab\ncd")", R"(["a"])"},
    {R"(test("B"))", R"("abc")", "false"},
    {R"(test("B"; "i"))", R"("abc")", "true"},
    {R"(test("a.c"; "x"))", R"("abc")", "true"},
    {R"(test("a b"; "x"))", R"("ab")", "true"},
    {R"(test("a.b"; "s"))", R"("a\nb")", "false"},
    {R"(test("a.b"; "p"))", R"("a\nb")", "true"},
    {R"(test("a.b"; "m"))", R"("a\nb")", "true"},
    {R"(test("(?i)A"))", R"("xay")", "true"},
    {R"(test("\\p{Lu}"))", R"("äÖ")", "true"},
    {R"(test("[[:alpha:]]+"))", R"("ab1")", "true"},
    {R"x(test("a(?=b)"))x", R"("ab")", "true"},
    {R"(test("(?<!a)b"))", R"("ab")", "false"},
    {R"(test(["B", "i"]))", R"("abc")", "true"},
    {R"([.[] | test("^[0-9]{3}$")])", R"(["123","12","1234"])", "[true,false,false]"},
    {R"([match("a|ab"; "l").string])", R"("ab")", R"(["a"])"},
    {R"([match("a*"; "gn").string])", R"("baac")", R"(["aa"])"},
    {R"x(capture("(?<y>\\d{4})-(?<m>\\d\\d)"))x", R"("on 2026-11-25")", R"({"y":"2026","m":"11"})"},
    {R"([capture("(?<l>[a-z])(?<d>\\d)?"; "g")])", R"("a1b")",
     R"([{"l":"a","d":"1"},{"l":"b","d":null}])"},
    {R"(capture("(?<x>z)?"))", R"("a")", R"({"x":""})"},
    {R"x(capture(["(?<V>A)", "i"]))x", R"("xa")", R"({"V":"a"})"},
    {R"([scan("c")])", R"("abcabc")", R"(["c","c"])"},
    {R"x([scan("(a)(b)")])x", R"("abab")", R"([["a","b"],["a","b"]])"},
    {R"([scan("A"; "i")])", R"("aXa")", R"(["a","a"])"},
    {R"([scan("\\w+")])", R"("a bc, d")", R"(["a","bc","d"])"},
    {R"([scan("(x)?b")])", R"("abxb")", R"([[null],["x"]])"},
    {R"(split(", *"; null))", R"("a, b,c")", R"(["a","b","c"])"},
    {R"(split("B"; "i"))", R"("abAbc")", R"(["a","A","c"])"},
    {R"([splits(", *")])", R"("a, b,c")", R"(["a","b","c"])"},
    {R"([splits("")])", R"("ab")", R"(["","a","b",""])"},
    {R"([splits("x")])", R"("")", R"([""])"},
    {R"([splits("a"; "gi")])", R"("bAb")", R"(["b","b"])"},
    {R"(sub("b"; "X"))", R"("abcb")", R"("aXcb")"},
    {R"(gsub("b"; "X"))", R"("abcb")", R"("aXcX")"},
    {R"x(gsub("(?<d>\\d)"; "<\(.d)>"))x", R"("a1b2")", R"("a<1>b<2>")"},
    {R"x(sub("(?<a>.)(?<b>.)"; "\(.b)\(.a)"))x", R"("xyz")", R"("yxz")"},
    {R"([sub("a"; "1", "2")])", R"("xay")", R"(["x1y","x2y"])"},
    {R"([gsub("a"; "1", "2")])", R"("aba")", R"(["1b1","2b2"])"},
    {R"(gsub("a"; ""))", R"("banana")", R"("bnn")"},
    {R"(gsub(""; "-"))", R"("ab")", R"("-a-b-")"},
    {R"(gsub("^"; ">"))", R"("ab")", R"(">ab")"},
    {R"(gsub("$"; "<"))", R"("ab")", R"("ab<")"},
    {R"(gsub("\\s+"; " "))", R"("a  b \t c")", R"("a b c")"},
    {R"(gsub("A"; "x"; "i"))", R"("aAb")", R"("xxb")"},
    {R"(gsub("[aeiou]"; .x // "*"))", R"("queue")", R"("q****")"},
    {R"(gsub("é"; "e"))", R"("été")", R"("ete")"},
    {R"([gsub("a"; empty)])", R"("aba")", R"(["aba"])"},
    {R"x(gsub("(?<x>[a-z])"; .x | ascii_upcase))x", R"("a-b")", R"("A-B")"},
    {R"x(sub("(?<x>.)"; "\(.x)!"))x", R"("’")", R"("’!")"},
    {R"(ascii_downcase | gsub("[^a-z0-9]+"; "-"))", R"("Hello, World 2")", R"("hello-world-2")"},
    {R"([.[] | sub("^\\s+"; "")])", R"(["  a","b "])", R"(["a","b "])"},
    {R"(test("("))", R"("a")", "error: Regex failure: end pattern with unmatched parenthesis"},
    {R"(test("a"; "q"))", R"("a")", "error: q is not a valid modifier string"},
    {R"(test("a"; 1))", R"("a")", "error: number (1) is not a string"},
    {"test(1)", R"("a")", "error: number not a string or array"},
    {R"(test("a"))", "1", "error: number (1) cannot be matched, as it is not a string"},
    {R"(match("a"))", "null", "error: null (null) cannot be matched, as it is not a string"},
    {R"(sub("a"; 1))", R"("a")", R"(error: string ("") and number (1) cannot be added)"},
    {"match([])", R"("a")", "error: array not a string or array"},
    {"capture({})", R"("a")", "error: object not a string or array"},
    {R"(gsub("[a"; "b"))", R"("a")", "error: Regex failure: premature end of char-class"},
    {"split(1; null)", R"("a")", "error: number (1) is not a string"},
};
INSTANTIATE_TEST_SUITE_P(rows, regex_functions, testing::ValuesIn(rows));

}  // namespace
}  // namespace sluice::expression
