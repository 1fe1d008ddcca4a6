#include "expression/expression.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "expression/expression_testing.hpp"
#include "json/text.hpp"

namespace sluice::expression {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::shared_ptr<const program> compiled(std::string_view text,
                                        std::vector<std::string> names = {}) {
    auto made = compile(text, names);
    EXPECT_TRUE(made) << made.error_value().to_text();
    return made ? *made : nullptr;
}

base::error compile_error(std::string_view text, std::vector<std::string> names = {}) {
    auto made = compile(text, names);
    EXPECT_FALSE(made);
    return made ? base::error() : made.error_value();
}

TEST(expression_compile, tells_line_and_column_and_shows_a_caret) {
    const base::error failure = compile_error(".a |\n  map(. +)");
    EXPECT_EQ(failure.code, base::error_code::invalid_input);
    ASSERT_TRUE(failure.where);
    EXPECT_EQ(failure.where->line, 2);
    EXPECT_EQ(failure.where->column, 10);
    EXPECT_THAT(failure.message, testing::EndsWith("\n    map(. +)\n           ^"));
}

TEST(expression_compile, names_close_matches_of_unknown_names) {
    EXPECT_THAT(compile_error("$contxt.a", {"context", "input"}).hint, HasSubstr("\"$context\""));
    EXPECT_THAT(compile_error("lenght").hint, HasSubstr("length/0"));
    EXPECT_THAT(compile_error("def add_tax: 1; ad_tax").hint, HasSubstr("add_tax/0"));
    EXPECT_THAT(compile_error("@bas64").hint, HasSubstr("base64"));
}

TEST(expression_compile, lists_the_variables_that_are_needed) {
    EXPECT_THAT(compiled("$b + $a + $b + (1 as $c | $c)", {"a", "b", "d"})->variables(),
                ElementsAre("b", "a"));
}

TEST(expression_compile, finds_direct_member_uses) {
    const auto code = compiled(".x | $config.a + $config[\"b\"] + $other.c", {"config", "other"});
    std::vector<std::string> names;
    for (const member_use& use : members_used(*code, "config"))
        names.push_back(use.name);
    EXPECT_THAT(names, ElementsAre("a", "b"));
}

TEST(expression_compile, survives_very_deep_programs) {
    const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
    EXPECT_THAT(compile_error(deep).message, HasSubstr("nests too deeply"));
}

TEST(expression_evaluate, binds_variables_and_reads_missing_ones_as_null) {
    const auto code = compiled("[$a, $b]", {"a", "b"});
    const std::vector<binding> variables = {{"a", json::value(1)}};
    const auto result = evaluate_one(*code, {}, variables);
    ASSERT_TRUE(result);
    EXPECT_EQ(json::to_text(*result), "[1,null]");
}

TEST(expression_evaluate, takes_no_result_as_null_and_refuses_several) {
    EXPECT_TRUE(evaluate_one(*compiled("empty"), {})->is_null());
    const auto several = evaluate_one(*compiled("1,2"), {});
    ASSERT_FALSE(several);
    EXPECT_THAT(several.error_value().hint, HasSubstr("[ ]"));
}

TEST(expression_evaluate, stops_an_endless_program_at_the_second_result) {
    EXPECT_FALSE(evaluate_one(*compiled("repeat(1)"), {}));
}

TEST(expression_evaluate, gives_raised_values_to_programs) {
    const auto result = evaluate_one(*compiled("error({code: 7})"), {});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error_value().details_json, R"({"error":{"code":7}})");
}

TEST(expression_evaluate, leaves_its_input_unchanged) {
    const json::value input = *json::parse(R"({"a":[1,2],"b":{"c":1}})");
    const std::string before = json::to_text(input);
    for (const char* text : {".a[0] = 9", "del(.b)", ".b.c += 1", ".a | sort_by(-.)", ".a + [3]",
                             "reduce range(3) as $i (.; .a[$i] = $i)", ". * {b:{d:1}}"}) {
        ASSERT_TRUE(evaluate_one(*compiled(text), input)) << text;
        EXPECT_EQ(json::to_text(input), before) << text;
    }
}

TEST(expression_evaluate, shares_a_program_between_threads) {
    const auto code =
        compiled("[range(100) as $i | def f: if . > 5 then . else . + 1 | f end; $i | f] | add");
    std::vector<std::string> results(4);
    {
        std::vector<std::jthread> threads;  // the module itself starts none
        for (std::string& result : results) {
            threads.emplace_back([&] { result = json::to_text(*evaluate_one(*code, {})); });
        }
    }
    EXPECT_THAT(results, testing::Each("4971"));
}

class expression_budget : public testing::TestWithParam<const char*> {};

TEST_P(expression_budget, ends_a_runaway_program_with_an_error_nobody_catches) {
    const std::string text = GetParam();
    for (const std::string& program :
         {text, "try (" + text + ") catch 1", "(" + text + ")?", "(" + text + ") // 1"}) {
        const auto result =
            evaluate(*compiled(program), {}, {}, {.steps = 30'000, .bytes = 4 << 20});
        ASSERT_FALSE(result) << program;
        EXPECT_THAT(result.error_value().message, HasSubstr("used up its budget of")) << program;
    }
}

INSTANTIATE_TEST_SUITE_P(
    programs, expression_budget,
    testing::Values("[range(1e9)]", "last(range(1e12))", "reduce range(1e9) as $i (0; . + 1)",
                    "last(while(true; .))", "def f: f; f", "def f: 1 + f; f", "def f: [f]; f",
                    "def f: f, f; [f]", "\"a\" * 1e9", "reduce range(40) as $i (\"ab\"; . + .)",
                    "reduce range(1e6) as $i (null; [.])", "[.[]?, repeat(1)]", "last(repeat([.]))",
                    "def f(g): f(g | g); f(.)", "path(repeat(.[0]))",
                    "[range(60)] | reduce .[] as $i (1; [., .])",
                    "reduce range(60) as $i (1; [., .]) | tojson",
                    "reduce range(60) as $i ([]; .[0] = . | .[1] = .)",
                    "[range(2) as $k | reduce range(60) as $i ($k; [., .])] | .[0] == .[1]",
                    "[range(2) as $k | reduce range(60) as $i ($k; {a: ., b: .})] | sort",
                    "reduce range(60) as $i (1; [., .]) | \"\\(.)\"",
                    "(\"a\" * 1e6) as $t | last(range(1e6) | $t | length)",
                    "(\"a\" * 1e6) as $t | last(range(1e6) | $t == $t)",
                    "reduce range(5000) as $i (1; [.]) | tojson",
                    "[limit(1e9; repeat(\"x\" * 1000))]", ".[1e9] = 1", "last(range(1e9))",
                    "last(range(1e6) | try (\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\" | "
                    "test(\"^(a+)+$\")) catch .)",
                    "last(repeat(\"x\" | gsub(\"\"; \"-\")))", "(\"a\" * 1e5) | gsub(\"\"; \"-\")",
                    "[range(1e5)] | join(\",\") | [match(\"[0-9]\"; \"g\")]",
                    "last(repeat([range(100)] | tojson | fromjson))", "def f(x): f(x, x); f(1)",
                    "[recurse([., .])]", "last(repeat(now?, 1))", "def f: reduce f as $x (0; 1); f",
                    "path(def f: .a | f; f)", "def f: f as $x | f; f", "def f: [f | f]; f",
                    "[..] | [combinations(9)?, repeat(1)]", "last(range(1e6) | strftime(\"%c\"))",
                    "def f: (. | f) // f; f", "def f: try f catch f; f",
                    "label $l | def f: f, break $l; f"));

TEST(expression_budget, lets_ordinary_work_on_text_through) {
    EXPECT_EQ(run("(\"ab\" * 2000) | gsub(\"\"; \"-\") | length"), "8001");
    EXPECT_EQ(run("[range(2000) | tostring | test(\"^[0-9]+$\")] | all"), "true");
    EXPECT_EQ(run("try (\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaab\" | test(\"^(a+)+$\")) catch \"no\""),
              "\"no\"");
}

TEST(expression_evaluate, hands_results_over_one_by_one_until_told_to_stop) {
    std::vector<std::string> seen;
    const auto keep = [&seen](json::value&& result) {
        seen.push_back(json::to_text(result));
        return seen.size() < 3;
    };
    EXPECT_TRUE(evaluate_each(*compiled("repeat(1)"), {}, keep));
    EXPECT_THAT(seen, ElementsAre("1", "1", "1"));
    seen.clear();
    EXPECT_FALSE(evaluate_each(*compiled("1, error(\"x\"), 2"), {}, keep));
    EXPECT_THAT(seen, ElementsAre("1"));
}

TEST(expression_evaluate, gives_no_number_that_json_does_not_have) {
    EXPECT_TRUE(evaluate_one(*compiled("nan"), {})->is_null());
    EXPECT_TRUE(evaluate_one(*compiled("[{a: nan}]"), {})->at(0).get("a").is_null());
    EXPECT_EQ(run("infinite, [-infinite]"), "1.7976931348623157e+308 [-1.7976931348623157e+308]");
    EXPECT_EQ(run("[nan, infinite] | map(isnan, isinfinite)"), "[true,false,false,true]");
}

TEST(expression_evaluate, is_exact_where_whole_numbers_are) {
    EXPECT_EQ(run(". + 1, . - 1, . == 9007199254740993", "9007199254740993"),
              "9007199254740994 9007199254740992 true");
    EXPECT_EQ(run("[.[] | . % 10, -., length, floor, abs, tostring]", "[-9223372036854775807]"),
              "[-7,9223372036854775807,9223372036854775807,-9223372036854775807,"
              "9223372036854775807,\"-9223372036854775807\"]");
    EXPECT_EQ(run("[.[]] | sort, unique, min, (map(. - 1) | max)",
                  "[18446744073709551615,9007199254740993,9007199254740992]"),
              "[9007199254740992,9007199254740993,18446744073709551615] "
              "[9007199254740992,9007199254740993,18446744073709551615] 9007199254740992 "
              "18446744073709551614");
    EXPECT_EQ(run("{(tostring): .} | tojson | fromjson", "123456789012345678901234567890"),
              "{\"123456789012345678901234567890\":123456789012345678901234567890}");
}

TEST(expression_debug, hands_values_to_the_caller) {
    std::vector<std::string> seen;
    budget limits;
    limits.debug = [&seen](const json::value& content) { seen.push_back(json::to_text(content)); };
    EXPECT_TRUE(evaluate_one(*compiled("debug(1, 2) | [.] | debug"), {}, {}, limits));
    EXPECT_THAT(seen, ElementsAre("1", "2", "[null]"));
}

TEST(expression_budget, names_the_limit) {
    const auto deep = evaluate(*compiled("def f: 1 + f; f"), {});
    EXPECT_THAT(deep.error_value().message, HasSubstr("depth"));
    const auto large = evaluate(*compiled("\"a\" * 1e9"), {});
    EXPECT_THAT(large.error_value().message, HasSubstr("bytes"));
    const auto endless = evaluate(*compiled("last(repeat(1))"), {}, {}, {.steps = 50'000});
    EXPECT_THAT(endless.error_value().message, HasSubstr("steps"));
}

TEST(expression_budget, counts_what_is_computed_and_not_what_passes) {
    class busy_machine final : public base::clock {
      public:
        std::int64_t unix_ms() override { return 0; }
        std::int64_t steady_ns() override { return now_ += 3'600'000'000'000; }
        std::int64_t computed_ns() override { return 0; }

      private:
        std::int64_t now_ = 0;
    } clock;
    const auto result =
        evaluate_one(*compiled("last(range(50000))"), {}, {}, {.time_ms = 10, .clock = &clock});
    EXPECT_TRUE(result) << result.error_value().to_text();
}

TEST(expression_budget, ends_at_the_deadline) {
    class hurried_clock final : public base::clock {
      public:
        std::int64_t unix_ms() override { return 0; }
        std::int64_t steady_ns() override { return now_ += 1'000'000; }

      private:
        std::int64_t now_ = 0;
    } clock;
    const auto result =
        evaluate(*compiled("last(repeat(1))"), {}, {}, {.time_ms = 10, .clock = &clock});
    ASSERT_FALSE(result);
    EXPECT_THAT(result.error_value().message, HasSubstr("time"));
}

TEST(expression_budget, refuses_results_that_could_not_be_read_back) {
    const auto deep = evaluate_one(*compiled("reduce range(600) as $i (1; [.])"), {});
    ASSERT_FALSE(deep);
    EXPECT_THAT(deep.error_value().message, HasSubstr("nests deeper than 512"));
    EXPECT_TRUE(evaluate_one(*compiled("reduce range(500) as $i (1; [.])"), {}));
}

TEST(expression_clock, is_the_one_of_the_budget) {
    base::manual_clock clock(1'700'000'000'500);
    EXPECT_EQ(json::to_text(*evaluate_one(*compiled("now"), {}, {}, {.clock = &clock})),
              "1700000000.5");
    EXPECT_FALSE(evaluate_one(*compiled("now"), {}));
}

TEST(expression_fuzz, mutated_programs_neither_crash_nor_hang) {
    const std::string seeds[] = {
        ".a[1:2] |= (try error(\"x\") catch .) // {a: [.[] | @csv]}",
        "def f($x; g): reduce .[] as [$a, {b: $c}] (0; . + $x | g); f(1; .)",
        "label $o | foreach range(3) as $i (0; . + $i; if . > 2 then ., break $o else . end)",
        "to_entries | map(select(.value | type == \"number\")) | from_entries | \"\\(.)\""};
    std::uint32_t state = 12345;
    const auto next = [&state](std::size_t below) {
        state = state * 1664525u + 1013904223u;
        return static_cast<std::size_t>(state >> 8) % below;
    };
    const std::string letters = "(){}[]|.,:;$@\"\\?/=<>+-*%#ax19 \n";
    const json::value input = *json::parse(R"({"a":[1,2,{"b":"x"}],"c":null})");
    for (int round = 0; round < 2000; ++round) {
        std::string text = seeds[next(4)];
        for (std::size_t i = next(4) + 1; i > 0; --i) {
            const std::size_t at = next(text.size());
            if (next(3) == 0) {
                text.erase(at, next(5));
            } else {
                text.insert(at, 1, letters[next(letters.size())]);
            }
            if (text.empty()) text = ".";
        }
        const auto code = compile(text);
        if (code) (void)evaluate(**code, input, {}, {.steps = 20'000, .bytes = 1 << 20});
    }
}

}  // namespace
}  // namespace sluice::expression
