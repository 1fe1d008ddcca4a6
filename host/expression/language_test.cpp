// The language row by row. Expected results are jq 1.7's.
#include <gtest/gtest.h>

#include <ostream>

#include "expression/expression_testing.hpp"

namespace sluice::expression {
namespace {

struct row {
    const char* program;
    const char* input;
    const char* expected;
};
void PrintTo(const row& of, std::ostream* out) { *out << of.program << "  <  " << of.input; }

class language : public testing::TestWithParam<row> {};

TEST_P(language, gives_the_results_of_jq) {
    EXPECT_EQ(run(GetParam().program, GetParam().input), GetParam().expected);
}

const row paths[] = {
    {".", "5", "5"},
    {"", "5", "5"},
    {".a", R"({"a":1})", "1"},
    {".a.b.c", "{}", "null"},
    {".a?", "1", ""},
    {".\"a b\".c", R"({"a b":{"c":1}})", "1"},
    {".[\"a\"][1]", R"({"a":[1,2]})", "2"},
    {".[-1]", "[1,2]", "2"},
    {".[1.7]", "[1,2,3]", "2"},
    {".[1:]", "[1,2,3]", "[2,3]"},
    {".[:-1]", "[1,2,3]", "[1,2]"},
    {".[1:2]", R"("äbc")", R"("b")"},
    {".[]", R"({"a":1,"b":2})", "1 2"},
    {".[]?", "1", ""},
    {"[.[][0,1]]", "[[1,2],[3,4]]", "[1,3,2,4]"},
    {"[..]", R"({"a":[1]})", R"([{"a":[1]},[1],1])"},
    {".a.[0]", R"({"a":[7]})", "7"},
    {".[[2,3]]", "[1,2,3]", "[1]"},
    {".a", "1", "error: Cannot index number with string \"a\""},
    {".[0]", "{}", "error: Cannot index object with number"},
    {".[]", "1", "error: Cannot iterate over number (1)"},
    {".[]", "null", "error: Cannot iterate over null (null)"},
    {".and, .if", R"({"and":1,"if":2})", "1 2"},
};
INSTANTIATE_TEST_SUITE_P(paths, language, testing::ValuesIn(paths));

const row construction[] = {
    {"1,2", "null", "1 2"},
    {"[1,2,.[]]", "[3]", "[1,2,3]"},
    {"[]", "null", "[]"},
    {"{}", "null", "{}"},
    {"{a:1,\"b\":.x,(.y):3}", R"({"x":2,"y":"c"})", R"({"a":1,"b":2,"c":3})"},
    {"{x}", R"({"x":2})", R"({"x":2})"},
    {"{\"a b\"}", R"({"a b":2})", R"({"a b":2})"},
    {". as $v | {$v}", "7", R"({"v":7})"},
    {"{a:(1,2),b:(3,4)}", "null", R"({"a":1,"b":3} {"a":1,"b":4} {"a":2,"b":3} {"a":2,"b":4})"},
    {"{a: 1 | . + 1}", "null", R"({"a":2})"},
    {"{if:1}", "null", R"({"if":1})"},
    {"{(1):2}", "null", "compile error: Cannot use number (1) as object key"},
    {"\"x\\(1+1)y\\(\"z\")\"", "null", R"("x2yz")"},
    {"\"\\(1,2)-\\(3,4)\"", "null", R"("1-3" "2-3" "1-4" "2-4")"},
    {R"("\u00e9\ud83d\ude00\n\t\\\"\/")", "null", "\"é😀\\n\\t\\\\\\\"/\""},
};
INSTANTIATE_TEST_SUITE_P(construction, language, testing::ValuesIn(construction));

const row operators[] = {
    {"1 + 2 * 3 - 4 / 2", "null", "5"},
    {"7 % 3, -7 % 3, 7 % -3, 5.9 % 2", "null", "1 -1 1 1"},
    {"1 / 3", "null", "0.3333333333333333"},
    {"9007199254740993 + 0", "null", "9007199254740993"},
    {"9223372036854775807 + 1", "null", "9223372036854775808"},
    {"18446744073709551615 - 1", "null", "18446744073709551614"},
    {"4294967296 * 4294967295", "null", "18446744069414584320"},
    {"6 / 2", "null", "3"},
    {".", "100000000000000000000001", "100000000000000000000001"},
    {"-(.a)", R"({"a":3})", "-3"},
    {"-(1,2)", "null", "-1 -2"},
    {"\"a\" + \"b\"", "null", R"("ab")"},
    {"[1] + [2], {a:1} + {b:2}, null + 1", "null", R"([1,2] {"a":1,"b":2} 1)"},
    {"{a:{b:1}} * {a:{c:2}}", "null", R"({"a":{"b":1,"c":2}})"},
    {"[1,2,3,1] - [1]", "null", "[2,3]"},
    {"\"a,b\" / \",\", \"ab\" * 3, \"ab\" * 0", "null", R"(["a","b"] "ababab" "")"},
    {"[(1,2) + (10,20)]", "null", "[11,12,21,22]"},
    {"1 == 1.0, \"a\" < \"b\", null < false, [] < {}", "null", "true true true true"},
    {"9007199254740993 == 9007199254740992", "null", "false"},
    {"(true,false) and (true,false)", "null", "true false false"},
    {"(true,false) or (true,false)", "null", "true true false"},
    {"false and error", "null", "false"},
    {"(null,1,false,2) // 3", "null", "1 2"},
    {"empty // 3, null // 4, (false,null) // 5", "null", "3 4 5"},
    {".a // \"d\" | length", "{}", "1"},
    {"1 as $x | 2 as $y | [$x,$y,$x]", "null", "[1,2,1]"},
    {"1 / 0", "null",
     "error: number (1) and number (0) cannot be divided because the divisor is zero"},
    {"\"a\" + 1", "null", "error: string (\"a\") and number (1) cannot be added"},
    {"{} - 1", "null", "error: object ({}) and number (1) cannot be subtracted"},
    {"1 < 2 < 3", "null",
     "compile error: unexpected \"<\", expected brackets: \"<\" does not chain"},
};
INSTANTIATE_TEST_SUITE_P(operators, language, testing::ValuesIn(operators));

const row control[] = {
    {"if . then 1 else 2 end", "null", "2"},
    {"if . == 1 then \"a\" elif . == 2 then \"b\" else \"c\" end", "2", R"("b")"},
    {"if false then 1 end", "7", "7"},
    {"[if (true,false) then 1 else 2 end]", "null", "[1,2]"},
    {"try error(\"x\") catch .", "null", R"("x")"},
    {"try error({a:1}) catch .a", "null", "1"},
    {"[.[] | try (if . == 1 then error(\"n\") else . end) catch \"c\"]", "[1,2]", R"(["c",2])"},
    {"[.[] | (1 / .)?]", "[1,0,2]", "[1,0.5]"},
    {"(try 1 catch 2) | error(\"later\")", "null", "error: later"},
    {"try (try error(\"a\") catch error(\"b\")) catch .", "null", R"("b")"},
    {"reduce .[] as $x (0; . + $x)", "[1,2,3]", "6"},
    {"reduce empty as $x (7; .)", "null", "7"},
    {"reduce .[] as [$a,$b] (0; . + $a * $b)", "[[1,2],[3,4]]", "14"},
    {"reduce range(5) as $i ([]; . + [$i])", "null", "[0,1,2,3,4]"},
    {"[foreach .[] as $x (0; . + $x)]", "[1,2,3]", "[1,3,6]"},
    {"[foreach .[] as $x (0; . + $x; [$x, .])]", "[1,2]", "[[1,1],[2,3]]"},
    {"def f: . + 1; f | f", "1", "3"},
    {"def f(g): g | g; f(. * 2)", "3", "12"},
    {"def f($a; $b): $a + $b; f(1;2)", "null", "3"},
    {"def f(x): def g: x + 1; g; f(.)", "4", "5"},
    {"def f: def g: 3; g; f", "null", "3"},
    {"def fac: if . <= 1 then 1 else . * (. - 1 | fac) end; fac", "20", "2432902008176640000"},
    {"def f: if length > 1000 then . else . + [1] | f end; f | length", "[]", "1001"},
    {"def f: if . >= 20000 then . else . + 1 | f end; f", "0", "20000"},
    {"label $f | range(10) | ., (select(. == 3) | break $f)", "null", "0 1 2 3"},
    {"[limit(3; range(10))], [first(range(10))], [limit(0; 1)]", "null", "[0,1,2] [0] []"},
    {"[range(0;10;3)], [range(5;0;-2)], [range(2.5)]", "null", "[0,3,6,9] [5,3,1] [0,1,2]"},
    {"[.[] as [$a] ?// $a | $a]", "[[3],4]", "[3,4]"},
    {". as {a: $x, b: [$y]} | [$x,$y]", R"({"a":1,"b":[2]})", "[1,2]"},
    {". as {$a, b: [$c]} | [$a,$c]", R"({"a":1,"b":[2]})", "[1,2]"},
    {". as {(\"a\",\"b\"): $x} | $x", R"({"a":1,"b":2})", "1 2"},
    {"[while(. < 100; . * 2)], until(. > 100; . * 2)", "1", "[1,2,4,8,16,32,64] 128"},
    {"[recurse(if . < 3 then . + 1 else empty end)]", "0", "[0,1,2,3]"},
    {"[.[] | select(. > 1)] | length", "[1,2,3]", "2"},
    {"break $x", "null", "compile error: $*label-x is not defined"},
};
INSTANTIATE_TEST_SUITE_P(control, language, testing::ValuesIn(control));

const row assignment[] = {
    {".a = 1", R"({"b":2})", R"({"b":2,"a":1})"},
    {".a |= . + 1", R"({"a":1})", R"({"a":2})"},
    {".[] += 1", R"({"a":1,"b":2})", R"({"a":2,"b":3})"},
    {".a //= 3", "{}", R"({"a":3})"},
    {".a = (1,2)", "{}", R"({"a":1} {"a":2})"},
    {"(.a,.b) = 9", "{}", R"({"a":9,"b":9})"},
    {".a[1:3] = [\"x\"]", R"({"a":[1,2,3,4]})", R"({"a":[1,"x",4]})"},
    {".x.y[1] = 1", "null", R"({"x":{"y":[null,1]}})"},
    {"(.[] | select(. >= 2)) |= empty", "[1,5,3,0,7]", "[1,0]"},
    {".. |= (if type == \"number\" then . + 1 else . end)", "[1,[2]]", "[2,[3]]"},
    {"del(.[0,2])", "[1,2,3,4]", "[2,4]"},
    {"del(.[] | select(. > 1))", "[1,2,3]", "[1]"},
    {"delpaths([[\"a\"],[\"b\",0]])", R"({"a":1,"b":[1,2]})", R"({"b":[2]})"},
    {"setpath([\"a\",0]; 1)", "null", R"({"a":[1]})"},
    {"getpath([\"a\",0,\"b\"])", "null", "null"},
    {"[paths]", R"({"a":[1,{"b":2}]})", R"([["a"],["a",0],["a",1],["a",1,"b"]])"},
    {"path(.a | select(.b))", R"({"a":{"b":1}})", R"(["a"])"},
    {"path(1)", "null", "error: Invalid path expression with result 1"},
    {"path([.] | .[0])", "1",
     "error: Invalid path expression near attempt to access element 0 of [1]"},
    {"to_entries, with_entries(.value += 1)", R"({"a":1})", R"([{"key":"a","value":1}] {"a":2})"},
    {"map_values(empty)", R"({"a":1})", "{}"},
};
INSTANTIATE_TEST_SUITE_P(assignment, language, testing::ValuesIn(assignment));

const row functions[] = {
    {"keys, length, add", R"({"b":1,"a":2})", R"(["a","b"] 2 3)"},
    {"length", R"("äö")", "2"},
    {"has(\"a\"), has(\"z\")", R"({"a":1})", "true false"},
    {"any, all", "[true,false]", "true false"},
    {"any(. > 1), all(. > 0)", "[1,2]", "true true"},
    {"flatten, flatten(1)", "[1,[2,[3]]]", "[1,2,3] [1,2,[3]]"},
    {"sort, unique, min, max, reverse", "[3,1,2,1]", "[1,1,2,3] [1,2,3] 1 3 [1,2,1,3]"},
    {"group_by(.a)", R"([{"a":2},{"a":1,"b":1},{"a":1,"b":2}])",
     R"([[{"a":1,"b":1},{"a":1,"b":2}],[{"a":2}]])"},
    {"sort_by(-.a), min_by(.a), max_by(.a), unique_by(.a)", R"([{"a":1},{"a":2}])",
     R"([{"a":2},{"a":1}] {"a":1} {"a":2} [{"a":1},{"a":2}])"},
    {"contains({a:[1]}), contains(\"x\")?", R"({"a":[1,2],"b":3})", "true"},
    {"inside([1,2])", "[1]", "true"},
    {"index(\",\"), rindex(\",\"), indices(\", \")", R"("a,b, cd, efg")", "1 7 [3,7]"},
    {"split(\", \"), split(\"\")", R"("a, b")", R"(["a","b"] ["a",","," ","b"])"},
    {"join(\"-\")", R"(["a","b",null,1,true])", R"("a-b--1-true")"},
    {"ascii_downcase, ascii_upcase", R"("aÄb")", R"("aÄb" "AÄB")"},
    {"ltrimstr(\"a\"), rtrimstr(\"c\"), ltrimstr(1)", R"("abc")", R"("bc" "ab" "abc")"},
    {"explode | ., implode", R"("a€😀")", R"([97,8364,128512] "a€😀")"},
    {"[.[] | tostring]", R"([1,"1",[1]])", R"(["1","1","[1]"])"},
    {"[.[] | tonumber]", R"(["1",2,"1.5"])", "[1,2,1.5]"},
    {"fromjson", R"("{\"a\":[1]}")", R"({"a":[1]})"},
    {"IN(1,2), (5 | IN(1,2))", "2", "true false"},
    {"from_entries", R"([{"key":"a","value":1},{"name":"b","value":2}])", R"({"a":1,"b":2})"},
    {"walk(if type == \"number\" then . + 1 else . end)", "[1,{\"a\":2}]", "[2,{\"a\":3}]"},
    {"[combinations]", "[[1,2],[3,4]]", "[[1,3],[1,4],[2,3],[2,4]]"},
    {"floor, sqrt, pow(.; 2)", "16", "16 4 256"},
    {"trim, ltrim, rtrim", R"("  a ")", R"("a" "a " "  a")"},
    {"@base64, (@base64 | @base64d)", R"("häß")", R"("aMOkw58=" "häß")"},
    {"@csv, @tsv", R"([1,"a\"b",null,true])", R"("1,\"a\"\"b\",,true" "1\ta\"b\t\ttrue")"},
    {"@html \"<\\(.)>\", @uri \"?q=\\(.)\", @sh \"echo \\(.)\"", R"("a b&'")",
     R"("<a b&amp;&apos;>" "?q=a%20b%26%27" "echo 'a b&'\\'''")"},
    {"@json \"v\\([1,\"a\"])\"", "null", R"("v[1,\"a\"]")"},
    {"@base64 \"a\\(\"x\")\"", "null", R"("aeA==")"},
    {"nosuch(1)", "null", "compile error: unknown function nosuch/1"},
    {"env", "null", "compile error: the function env/0 is not available here"},
    {"@nosuch", "null", "compile error: nosuch is not a valid format"},
    {"keys", "1", "error: number (1) has no keys"},
};
INSTANTIATE_TEST_SUITE_P(functions, language, testing::ValuesIn(functions));

}  // namespace
}  // namespace sluice::expression
