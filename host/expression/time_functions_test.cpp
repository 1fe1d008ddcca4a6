// Dates, row by row. Expected results are jq 1.7.1's.
#include <gtest/gtest.h>

#include "expression/expression_testing.hpp"

namespace sluice::expression {
namespace {

class time_functions : public testing::TestWithParam<row> {};

TEST_P(time_functions, give_the_results_of_jq) {
    EXPECT_EQ(run(GetParam().program, GetParam().input), GetParam().expected);
}

const row rows[] = {
    {"gmtime", "1425599621", "[2015,2,5,23,53,41,4,63]"},
    {"gmtime", "0", "[1970,0,1,0,0,0,4,0]"},
    {"gmtime", "-1.5", "[1969,11,31,23,59,59.5,3,364]"},
    {"gmtime", "1425599621.5", "[2015,2,5,23,53,41.5,4,63]"},
    {"gmtime | mktime", "1425599621", "1425599621"},
    {"todate", "1425599621", R"("2015-03-05T23:53:41Z")"},
    {"todate", "1425599621.9", R"("2015-03-05T23:53:41Z")"},
    {"todate", "-62135596800", R"("1-01-01T00:00:00Z")"},
    {"fromdate", R"("2015-03-05T23:51:47Z")", "1425599507"},
    {"fromdateiso8601", R"("1970-01-01T00:00:00Z")", "0"},
    {"fromdateiso8601", R"("2000-02-29T12:00:00Z")", "951825600"},
    {"todateiso8601", "951825600", R"("2000-02-29T12:00:00Z")"},
    {"fromdate | todate", R"("2024-02-29T23:59:59Z")", R"("2024-02-29T23:59:59Z")"},
    {"fromdate", R"("2015-02-30T00:00:00Z")", "1425254400"},
    {"mktime", "[2015,2,5,23,51,47,4,63]", "1425599507"},
    {"mktime", "[2015,2,5,23,51,47.9,4,63]", "1425599507"},
    {"mktime", "[2024,12,1,0,0,0,0,0]", "1735689600"},
    {R"(strftime("%Y-%m-%dT%H:%M:%SZ"))", "[2015,2,5,23,51,47,4,63]", R"("2015-03-05T23:51:47Z")"},
    {R"(strftime("%A, %B %d, %Y"))", "1435677542.8", R"("Tuesday, June 30, 2015")"},
    {R"(strftime("%j %U %w %y %e %I %p"))", "1425599621", R"("064 09 4 15  5 11 PM")"},
    {R"(strftime("%H:%M:%S %Z %z"))", "0", R"("00:00:00 UTC +0000")"},
    {R"(strftime("%%"))", "0", R"("%")"},
    {R"(strftime("%s"))", "86400", R"("86400")"},
    {R"(strflocaltime("%Y %H %Z"))", "0", R"("1970 00 UTC")"},
    {"localtime", "86400", "[1970,0,2,0,0,0,5,1]"},
    {R"(strptime("%Y-%m-%dT%H:%M:%SZ"))", R"("2015-03-05T23:51:47Z")", "[2015,2,5,23,51,47,4,63]"},
    {R"(strptime("%d %b %Y"))", R"("5 Mar 2015")", "[2015,2,5,0,0,0,4,63]"},
    {R"(strptime("%d %b %Y"))", R"("5 Mar 2015 rest")", R"([2015,2,5,0,0,0,4,63," rest"])"},
    {R"(strptime("%H:%M"))", R"("10:20")", "[1900,0,0,10,20,0,8,367]"},
    {R"(strptime("%Y %j"))", R"("2015 64")", "[2015,2,5,0,0,0,4,63]"},
    {R"(strptime("%a, %d %b %Y %H:%M:%S") | mktime)", R"("Thu, 05 Mar 2015 23:51:47")",
     "1425599507"},
    {R"(strptime("%Y-%m-%d") | mktime | todate)", R"("2026-11-25")", R"("2026-11-25T00:00:00Z")"},
    {R"(strptime("%Y-%m-%dT%H:%M:%S%z") | mktime)", R"("2015-03-05T23:51:47+0100")", "1425599507"},
    {R"(strptime("%s"))", R"("86400")", "[1970,0,2,0,0,0,5,1]"},
    {"gmtime", R"("a")", "error: gmtime() requires numeric inputs"},
    {"mktime", R"("a")", "error: mktime requires array inputs"},
    {"mktime", "[1,2]", "error: mktime requires parsed datetime inputs"},
    {"mktime", R"(["a",1,2,3,4,5,6,7])", "error: mktime requires parsed datetime inputs"},
    {R"(strftime("%Y"))", R"("a")", "error: strftime/1 requires parsed datetime inputs"},
    {R"(strftime("%Y"))", R"(["a",1,2,3,4,5,6,7])",
     "error: strftime/1 requires parsed datetime inputs"},
    {R"(strflocaltime("%Y"))", "{}", "error: strflocaltime/1 requires parsed datetime inputs"},
    {R"(strptime("%Y"))", "1", "error: strptime/1 requires string inputs and arguments"},
    {R"(strptime("%Y"))", R"("x")", R"(error: date "x" does not match format "%Y")"},
    {"fromdate", R"("yesterday")",
     R"(error: date "yesterday" does not match format "%Y-%m-%dT%H:%M:%SZ")"},
    {"fromdate", "1", "error: strptime/1 requires string inputs and arguments"},
    {"gmtime", "1e300", "error: error converting number of seconds since epoch to datetime"},
};
INSTANTIATE_TEST_SUITE_P(rows, time_functions, testing::ValuesIn(rows));

}  // namespace
}  // namespace sluice::expression
