// Numbers and functions about them, row by row. Expected results are jq 1.7.1's.
#include <gtest/gtest.h>

#include "expression/expression_testing.hpp"

namespace sluice::expression {
namespace {

class number_functions : public testing::TestWithParam<row> {};

TEST_P(number_functions, give_the_results_of_jq) {
    EXPECT_EQ(run(GetParam().program, GetParam().input), GetParam().expected);
}

const row rows[] = {
    {"[.[] | floor]", "[-1.5, 1.5, 2, -0.1]", "[-2,1,2,-1]"},
    {"[.[] | ceil]", "[-1.5, 1.5, 2]", "[-1,2,2]"},
    {"[.[] | round]", "[-1.5, 1.5, 2.4, 0.5]", "[-2,2,2,1]"},
    {"[.[] | trunc]", "[-1.7, 1.7]", "[-1,1]"},
    {"[.[] | nearbyint]", "[0.5, 1.5, 2.5]", "[0,2,2]"},
    {"[.[] | rint]", "[0.5, 1.5, -2.5]", "[0,2,-2]"},
    {"[.[] | sqrt]", "[4, 9, 0]", "[2,3,0]"},
    {"[.[] | fabs]", "[-1.5, 2]", "[1.5,2]"},
    {"[.[] | abs]", "[-1, 0, 3, -2.5]", "[1,0,3,2.5]"},
    {"abs", R"("text")", R"("text")"},
    {"abs", "null", "error: null (null) cannot be negated"},
    {"[pow(2; 10), pow(2; 0.5), pow(-1; 3)]", "null", "[1024,1.4142135623730951,-1]"},
    {"[log, log2, log10]", "8", "[2.0794415416798357,3,0.9030899869919435]"},
    {"[exp, exp2, exp10]", "0", "[1,1,1]"},
    {"[sin, cos, tan]", "0", "[0,1,0]"},
    {"[asin, acos, atan]", "0", "[0,1.5707963267948966,0]"},
    {"[sinh, cosh, tanh, asinh, atanh]", "0", "[0,1,0,0,0]"},
    {"atan2(1; 1) * 4", "null", "3.141592653589793"},
    {"[fmin(1; 2), fmax(1; 2), fmod(7; 3), hypot(3; 4)]", "null", "[1,2,1,5]"},
    {"fma(2; 3; 4)", "null", "10"},
    {"[ldexp(3; 2), scalb(3; 2), scalbln(3; 2)]", "null", "[12,12,12]"},
    {"[frexp, modf]", "6.5", "[[0.8125,3],[0.5,6]]"},
    {"[significand, logb]", "10", "[1.25,3]"},
    {"[gamma, lgamma, tgamma]", "5", "[3.1780538303479458,3.1780538303479458,24]"},
    {"lgamma_r", "0.5", "[0.5723649429247001,1]"},
    {"[cbrt]", "27", "[3.0000000000000004]"},
    {"[copysign(1; -2), drem(5; 3), fdim(5; 3), remainder(5; 3)]", "null", "[-1,-1,2,-1]"},
    {"[expm1, log1p]", "0", "[0,0]"},
    {"[erf, erfc]", "0", "[0,1]"},
    {"nextafter(1; 2) > 1", "null", "true"},
    {"[infinite, -infinite]", "null", "[1.7976931348623157e+308,-1.7976931348623157e+308]"},
    {"[infinite, nan, 1 | isinfinite]", "null", "[true,false,false]"},
    {"[infinite, nan, 1 | isnan]", "null", "[false,true,false]"},
    {"[infinite, nan, 1, 0 | isnormal]", "null", "[false,false,true,false]"},
    {"[infinite, nan, 1 | isfinite]", "null", "[false,true,true]"},
    {"nan", "null", "null"},
    {"[nan] | sort", "null", "[null]"},
    {"[nan, 1] | min, max", "null", "null 1"},
    {"nan == nan, nan < nan, nan > 1, nan < 1", "null", "false true false true"},
    {"[nan, 1, null] | sort", "null", "[null,null,1]"},
    {"[nan] | tojson", "null", R"("[null]")"},
    {"nan | tostring", "null", R"("null")"},
    {"{a: nan} | .a | isnan", "null", "true"},
    {"1 / 3", "null", "0.3333333333333333"},
    {"[1, 2.5, -1] | add", "null", "2.5"},
    {"7 % 3, -7 % 3, 7 % -3", "null", "1 -1 1"},
    {"5.9 % 2.1", "null", "1"},
    {"(infinite % 3), (3 % infinite)", "null", "1 3"},
    {"nan % 1 | isnan", "null", "true"},
    {"1 - infinite", "null", "-1.7976931348623157e+308"},
    {"infinite - infinite | isnan", "null", "true"},
    {"6 / -2 * 3", "null", "-1"},
    {"-2 * -3", "null", "6"},
    {"[range(0; 1; 0.25)]", "null", "[0,0.25,0.5,0.75]"},
    {"[range(3; 0; -1)]", "null", "[3,2,1]"},
    {"[range(0, 1; 2, 3)]", "null", "[0,1,0,1,2,1,1,2]"},
    {"[limit(3; range(10; 0; -3))]", "null", "[10,7,4]"},
    {"[.[] | tonumber]", R"(["1", " 2 ", "-3.5", "+4", ".5", "6.", "007"])",
     "[1,2,-3.5,4,0.5,6,7]"},
    {R"("nan" | tonumber | isnan)", "null", "true"},
    {R"("Infinity" | tonumber | isinfinite)", "null", "true"},
    {"[.[] | tostring]", "[1, 2.5, -0.125, 12345678]", R"(["1","2.5","-0.125","12345678"])"},
    {"1 / 0", "null",
     "error: number (1) and number (0) cannot be divided because the divisor is zero"},
    {"1 % 0", "null",
     "error: number (1) and number (0) cannot be divided (remainder) because the divisor is zero"},
    {"5 % 0.5", "null",
     "error: number (5) and number (0.5) cannot be divided (remainder) because the divisor is "
     "zero"},
    {"sqrt", R"("a")", R"(error: string ("a") number required)"},
    {"floor", "null", "error: null (null) number required"},
    {R"(pow("a"; 1))", "null", R"(error: string ("a") number required)"},
    {R"(fma(1; 2; "c"))", "null", R"(error: string ("c") number required)"},
    {"tonumber", R"("1a")",
     "error: Invalid numeric literal at EOF at line 1, column 2 (while parsing '1a')"},
    {"tonumber", "[]", "error: array ([]) cannot be parsed as a number"},
    {"tonumber", "true", "error: boolean (true) cannot be parsed as a number"},
    {"frexp", R"("x")", R"(error: string ("x") number required)"},
    {"[.[] | length]", "[-5, 2.5]", "[5,2.5]"},
};
INSTANTIATE_TEST_SUITE_P(rows, number_functions, testing::ValuesIn(rows));

}  // namespace
}  // namespace sluice::expression
