// `sluice eval`: what is printed where, and the exit codes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <string>
#include <vector>

#include "base/base_testing.hpp"
#include "cli/commands.hpp"

namespace sluice::cli {
namespace {

using testing::HasSubstr;

class eval_command : public testing::Test {
  protected:
    void eval(std::vector<std::string> words, const std::string& input) {
        const std::string file = (folder_.path() / "input.json").string();
        std::ofstream(file) << input;
        words.insert(words.begin(), {"sluice", "eval", "--input", file});
        run(words);
    }
    void eval_null(std::vector<std::string> words) {
        words.insert(words.begin(), {"sluice", "eval", "--null-input"});
        run(words);
    }

    int code_ = -1;
    std::string out_;
    std::string err_;

  private:
    void run(const std::vector<std::string>& words) {
        std::vector<const char*> argv;
        for (const std::string& word : words)
            argv.push_back(word.c_str());
        testing::internal::CaptureStdout();
        testing::internal::CaptureStderr();
        code_ = run_command_line(static_cast<int>(argv.size()), argv.data());
        std::fflush(stdout);
        out_ = testing::internal::GetCapturedStdout();
        err_ = testing::internal::GetCapturedStderr();
    }

    base::temporary_folder folder_;
};

TEST_F(eval_command, prints_each_result_of_each_document) {
    eval({"--compact", ".a, [.a]"}, "{\"a\": 1}\n{\"a\": \"x\"}");
    EXPECT_EQ(out_, "1\n[1]\n\"x\"\n[\"x\"]\n");
    EXPECT_EQ(err_, "");
    EXPECT_EQ(code_, 0);
}

TEST_F(eval_command, indents_unless_told_not_to_and_prints_raw_text) {
    eval_null({"{a: [1, {}]}"});
    EXPECT_EQ(out_, "{\n  \"a\": [\n    1,\n    {}\n  ]\n}\n");
    eval_null({"--raw", "\"a\\nb\", [\"c\"], 1"});
    EXPECT_EQ(out_, "a\nb\n[\n  \"c\"\n]\n1\n");
}

TEST_F(eval_command, gives_arguments_as_variables) {
    eval_null({"--compact", "--arg", "n=[1,2]", "--arg", "s=\"x=y\"", "[$n, $s]"});
    EXPECT_EQ(out_, "[[1,2],\"x=y\"]\n");
    eval_null({"--arg", "n", "1"});
    EXPECT_EQ(code_, 2);
    eval_null({"--arg", "n=nope", "1"});
    EXPECT_EQ(code_, 2);
    EXPECT_THAT(err_, HasSubstr("--arg n"));
}

TEST_F(eval_command, keeps_results_from_before_an_error_and_goes_on_with_the_next_document) {
    eval({"--compact", "., (.[0] | 1 / .)"}, "[0] [2]");
    EXPECT_EQ(out_, "[0]\n[2]\n0.5\n");
    EXPECT_THAT(err_, HasSubstr("divisor is zero"));
    EXPECT_EQ(code_, 5);
}

TEST_F(eval_command, shows_the_place_of_a_compile_error) {
    eval_null({".a |\n map(. +)"});
    EXPECT_EQ(out_, "");
    EXPECT_THAT(err_, HasSubstr("2:9"));
    EXPECT_THAT(err_, HasSubstr("\n   map(. +)\n          ^"));
    EXPECT_EQ(code_, 3);
}

TEST_F(eval_command, refuses_input_that_is_no_json) {
    eval({"--compact", "."}, "1 {");
    EXPECT_EQ(out_, "1\n");
    EXPECT_EQ(code_, 2);
    eval({"--compact", "."}, "");
    EXPECT_EQ(out_, "");
    EXPECT_EQ(code_, 0);
}

TEST_F(eval_command, ends_a_runaway_within_its_budget) {
    eval_null({"last(range(1e12))"});
    EXPECT_EQ(code_, 5);
    EXPECT_THAT(err_, HasSubstr("budget of steps"));
}

TEST_F(eval_command, knows_the_time_and_shows_what_is_debugged) {
    eval_null({"now > 1.7e9"});
    EXPECT_EQ(out_, "true\n");
    eval_null({"1 | debug"});
    EXPECT_EQ(out_, "1\n");
    EXPECT_EQ(err_, "[\"DEBUG:\",1]\n");
}

}  // namespace
}  // namespace sluice::cli
