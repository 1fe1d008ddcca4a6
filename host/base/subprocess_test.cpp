#include "base/subprocess.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>

#include "base/base_testing.hpp"
#include "base/file.hpp"

namespace sluice::base {
namespace {

using testing::HasSubstr;

constexpr std::int64_t long_enough_ms = 20'000;

process_command shell(std::string script) {
    process_command command;
    command.argv = {"sh", "-c", std::move(script)};
    return command;
}

bool is_running(pid_t process) {
    // What is left of a process that nobody waited for counts as gone.
    const auto stat = read_file("/proc/" + std::to_string(process) + "/stat");
    return stat && stat->find(") Z ") == std::string::npos;
}

TEST(subprocess, gives_output_errors_and_exit_code) {
    const auto ran = run_subprocess(shell("echo out; echo err >&2; exit 3"), long_enough_ms);
    ASSERT_TRUE(ran);
    EXPECT_EQ(ran->out, "out\n");
    EXPECT_EQ(ran->err, "err\n");
    EXPECT_EQ(ran->exit.code, 3);
    EXPECT_EQ(ran->exit.signal, 0);
    EXPECT_FALSE(ran->exit.ok());
    EXPECT_FALSE(ran->timed_out);
    EXPECT_EQ(ran->exit.to_text(), "exit code 3");
}

TEST(subprocess, says_which_signal_ended_it) {
    const auto ran = run_subprocess(shell("kill -SEGV $$"), long_enough_ms);
    ASSERT_TRUE(ran);
    EXPECT_EQ(ran->exit.signal, SIGSEGV);
    EXPECT_FALSE(ran->exit.ok());
    EXPECT_THAT(ran->exit.to_text(), HasSubstr("signal 11 ("));
}

TEST(subprocess, gives_arguments_as_they_are) {
    process_command command;
    command.argv = {"printf", "%s|", "a b", "$HOME", "", "\"'"};
    const auto ran = run_subprocess(command, long_enough_ms);
    ASSERT_TRUE(ran);
    EXPECT_EQ(ran->out, "a b|$HOME||\"'|");
}

TEST(subprocess, adds_and_replaces_environment_variables) {
    process_command command = shell("echo \"$SLUICE_TEST_ONE $HOME ${PATH:+path}\"");
    command.environment = {{"SLUICE_TEST_ONE", "one=1"}, {"HOME", "/nowhere"}};
    const auto ran = run_subprocess(command, long_enough_ms);
    ASSERT_TRUE(ran);
    EXPECT_EQ(ran->out, "one=1 /nowhere path\n");
}

TEST(subprocess, starts_in_the_folder) {
    const temporary_folder folder;
    process_command command = shell("pwd -P");
    command.folder = folder.path();
    const auto ran = run_subprocess(command, long_enough_ms);
    ASSERT_TRUE(ran);
    EXPECT_EQ(ran->out, std::filesystem::canonical(folder.path()).string() + "\n");
}

TEST(subprocess, passes_more_input_than_a_pipe_holds) {
    process_command command = shell("wc -c; cat /dev/stdin");
    command.stdin_text = std::string(3'000'000, 'x');
    const auto ran = run_subprocess(command, long_enough_ms);
    ASSERT_TRUE(ran);
    EXPECT_THAT(ran->out, HasSubstr("3000000"));
    const auto none = run_subprocess(shell("cat"), long_enough_ms);
    ASSERT_TRUE(none);
    EXPECT_EQ(none->out, "");
    EXPECT_TRUE(none->exit.ok());
}

TEST(subprocess, keeps_output_up_to_the_limit) {
    const auto ran =
        run_subprocess(shell("head -c 3000000 /dev/zero; head -c 10 /dev/zero >&2; echo end >&2"),
                       long_enough_ms, 1000);
    ASSERT_TRUE(ran);
    EXPECT_TRUE(ran->truncated);
    EXPECT_EQ(ran->out.size(), 1000u);
    EXPECT_EQ(ran->err.size(), 14u);
    EXPECT_TRUE(ran->exit.ok());
}

TEST(subprocess, kills_the_whole_group_at_the_deadline) {
    const auto ran = run_subprocess(shell("sleep 600 & echo $!; wait"), 300);
    ASSERT_TRUE(ran);
    EXPECT_TRUE(ran->timed_out);
    EXPECT_EQ(ran->exit.signal, SIGKILL);
    const pid_t grandchild = static_cast<pid_t>(std::stol(ran->out));
    EXPECT_TRUE(wait_until([grandchild] { return !is_running(grandchild); }));
}

TEST(subprocess, stops_a_child_that_never_stops_writing) {
    const auto ran = run_subprocess(shell("yes"), 300, 100);
    ASSERT_TRUE(ran);
    EXPECT_TRUE(ran->timed_out);
    EXPECT_EQ(ran->out.size(), 100u);
}

TEST(subprocess, does_not_wait_for_what_the_child_left_behind) {
    const auto ran = run_subprocess(shell("sleep 600 & echo $!"), long_enough_ms);
    ASSERT_TRUE(ran);
    EXPECT_FALSE(ran->timed_out);
    EXPECT_TRUE(ran->exit.ok());
    const pid_t left = static_cast<pid_t>(std::stol(ran->out));
    EXPECT_TRUE(wait_until([left] { return !is_running(left); }));
}

TEST(subprocess, a_program_that_does_not_exist_is_an_error) {
    process_command command;
    command.argv = {"/nonexistent/program"};
    const auto ran = run_subprocess(command, long_enough_ms);
    ASSERT_FALSE(ran);
    EXPECT_EQ(ran.error_value().code, error_code::not_found);
    EXPECT_THAT(ran.error_value().message, HasSubstr("/nonexistent/program"));
    command.argv.clear();
    EXPECT_FALSE(run_subprocess(command, long_enough_ms));
}

TEST(child_process, gives_lines_as_they_come) {
    process_command command = shell("read a; echo \"got $a\"; printf 'two\\nrest'");
    command.stdin_text = "hello\n";
    auto child = child_process::start(command);
    ASSERT_TRUE(child);
    EXPECT_EQ(child->read_line(long_enough_ms), "got hello");
    EXPECT_EQ(child->read_line(long_enough_ms), "two");
    EXPECT_EQ(child->read_line(long_enough_ms), std::nullopt);
    const auto ended = child->wait(long_enough_ms);
    ASSERT_TRUE(ended);
    EXPECT_TRUE(ended->ok());
    EXPECT_TRUE(child->wait(0));
}

TEST(child_process, receives_signals_and_is_waited_for) {
    auto child =
        child_process::start(shell("trap 'exit 7' TERM; echo up; while :; do sleep 0.01; done"));
    ASSERT_TRUE(child);
    ASSERT_EQ(child->read_line(long_enough_ms), "up");
    EXPECT_EQ(child->wait(0), std::nullopt);
    EXPECT_EQ(child->read_line(0), std::nullopt);
    child->send_signal(SIGTERM);
    const auto ended = child->wait(long_enough_ms);
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->code, 7);
    child->send_signal(SIGTERM);
}

TEST(child_process, is_gone_with_its_owner) {
    pid_t pid = 0;
    {
        auto child = child_process::start(shell("echo up; sleep 600"));
        ASSERT_TRUE(child);
        ASSERT_EQ(child->read_line(long_enough_ms), "up");
        pid = child->pid();
        EXPECT_TRUE(is_running(pid));
    }
    EXPECT_FALSE(is_running(pid));
}

TEST(child_process, cannot_escape_into_another_group) {
    process_command command;
    command.argv = {"python3", "-c",
                    "import os, time\n"
                    "os.setpgid(0, os.getpgid(os.getppid()))\n"
                    "print('away', flush=True)\n"
                    "time.sleep(1000)"};
    pid_t pid = 0;
    {
        auto child = child_process::start(command);
        ASSERT_TRUE(child);
        ASSERT_EQ(child->read_line(long_enough_ms), "away");
        pid = child->pid();
    }
    EXPECT_FALSE(is_running(pid));
}

TEST(child_process, moving_on_ends_the_one_before) {
    auto child = child_process::start(shell("sleep 600"));
    ASSERT_TRUE(child);
    const pid_t first = child->pid();
    auto other = child_process::start(shell("echo other; sleep 600"));
    ASSERT_TRUE(other);
    *child = std::move(*other);
    EXPECT_FALSE(is_running(first));
    EXPECT_EQ(child->read_line(long_enough_ms), "other");
}

TEST(child_process, writes_errors_to_the_file) {
    const temporary_folder folder;
    const auto log = folder.path() / "log";
    for (const char* line : {"one", "two"}) {
        auto child = child_process::start(shell(std::string("echo ") + line + " >&2"), log);
        ASSERT_TRUE(child);
        ASSERT_TRUE(child->wait(long_enough_ms));
    }
    EXPECT_EQ(*read_file(log), "one\ntwo\n");
    EXPECT_FALSE(child_process::start(shell(":"), folder.path() / "missing" / "log"));
}

}  // namespace
}  // namespace sluice::base
