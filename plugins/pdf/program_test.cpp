#include "program.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <filesystem>
#include <sluice/temporary_file.hpp>

#include "pdf_testing.hpp"

namespace sluice::pdf::testing {
namespace {

program_end run(
    std::vector<std::string> arguments, const program_limits& limits = {},
    const std::function<bool()>& cancelled = [] { return false; }) {
    temporary_file file;
    const std::string text = "of the file\n";
    EXPECT_TRUE(file.write(text.data(), text.size()));
    file.flush();
    return run_program(std::move(arguments), file.descriptor(), limits, cancelled);
}

sluice_code code_of(
    std::vector<std::string> arguments, const program_limits& limits = {},
    const std::function<bool()>& cancelled = [] { return false; }) {
    try {
        run(std::move(arguments), limits, cancelled);
    } catch (const failure& why) {
        return why.code();
    }
    return SLUICE_OK;
}

TEST(program_test, reads_the_file_through_its_descriptor) {
    const program_end end = run({"cat", "{input}"});
    EXPECT_EQ(end.output, "of the file\n");
    EXPECT_EQ(end.exit_code, 0);
}

TEST(program_test, tells_exit_code_and_errors) {
    const program_end end = run({"sh", "-c", "echo wrong >&2; exit 3"});
    EXPECT_EQ(end.exit_code, 3);
    EXPECT_EQ(end.errors, "wrong\n");
}

TEST(program_test, gets_nothing_of_our_environment) {
    ::setenv("PDF_TEST_SECRET", "s3cr3t", 1);
    EXPECT_EQ(run({"sh", "-c", "echo \"[$PDF_TEST_SECRET]\""}).output, "[]\n");
}

TEST(program_test, is_ended_when_it_does_not_end) {
    program_limits limits;
    limits.seconds = 1;
    EXPECT_EQ(code_of({"sleep", "1000"}, limits), SLUICE_TIMEOUT);
}

TEST(program_test, is_ended_when_it_prints_too_much) {
    program_limits limits;
    limits.output_bytes = 10'000;
    EXPECT_EQ(code_of({"yes"}, limits), SLUICE_INVALID_INPUT);
}

TEST(program_test, is_ended_when_the_call_is_cancelled) {
    EXPECT_EQ(code_of({"sleep", "1000"}, {}, [] { return true; }), SLUICE_CANCELLED);
}

// The host's sockets are open for the whole process, and not all of them close by themselves.
TEST(program_test, has_none_of_our_descriptors) {
    const int ours = ::fcntl(STDERR_FILENO, F_DUPFD, 50);
    ASSERT_GE(ours, 50);
    const std::string listed = run({"sh", "-c", "echo /proc/self/fd/*"}).output;
    ::close(ours);
    EXPECT_NE(listed.find("/proc/self/fd/3"), std::string::npos) << listed;
    EXPECT_EQ(listed.find("/proc/self/fd/" + std::to_string(ours)), std::string::npos) << listed;
}

TEST(program_test, has_its_limits_from_its_first_moment) {
    const program_limits limits{.seconds = 7, .memory_bytes = 64 << 20};
    EXPECT_EQ(run({"sh", "-c", "ulimit -t; ulimit -v; ulimit -c"}, limits).output, "7\n65536\n0\n");
    EXPECT_EQ(run({"dd", "if=/dev/zero", "of=/dev/null", "bs=1M", "count=1"}, limits).exit_code, 0);
    EXPECT_NE(run({"dd", "if=/dev/zero", "of=/dev/null", "bs=256M", "count=1"}, limits).exit_code,
              0);
}

// In a child, because limits cannot be raised again.
void run_with_less(__rlimit_resource what, rlim_t most, const char* question,
                   const std::string& expected) {
    const rlimit both{most, most};
    if (::setrlimit(what, &both) != 0) std::_Exit(1);
    std::string told;
    try {
        told = run({"sh", "-c", question}).output;
    } catch (const failure& why) {
        told = why.what();
    }
    std::cerr << told;
    std::_Exit(told == expected ? 0 : 1);
}

TEST(program_test, gets_no_more_memory_than_our_process_has) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    GTEST_SKIP() << "a sanitizer needs more than any limit";
#else
    EXPECT_EXIT(run_with_less(RLIMIT_AS, 1 << 30, "ulimit -v; ulimit -t", "1048576\n60\n"),
                ::testing::ExitedWithCode(0), "");
#endif
}

TEST(program_test, gets_no_more_processor_time_than_our_process_has) {
    EXPECT_EXIT(run_with_less(RLIMIT_CPU, 50, "ulimit -v; ulimit -t", "2097152\n50\n"),
                ::testing::ExitedWithCode(0), "");
}

TEST(program_test, may_use_the_processor_no_longer_than_its_time) {
    const program_limits limits{.seconds = 1};
    EXPECT_EQ(code_of({"sh", "-c", "while :; do :; done"}, limits), SLUICE_TIMEOUT);
}

// Both hold the pipe open for writing; its end says that both are gone.
TEST(program_test, is_ended_with_what_it_started_though_its_output_is_closed) {
    const std::filesystem::path pipe =
        std::filesystem::temp_directory_path() / ("pdf-program-" + std::to_string(::getpid()));
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    const int reading = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    const std::vector<std::string> stubborn{
        "sh", "-c", "exec 9>\"$0\"; echo begun >&9; exec >&- 2>&-; sleep 1000 & sleep 1000", pipe};
    EXPECT_EQ(code_of(stubborn, {.seconds = 1}), SLUICE_TIMEOUT);
    std::string told;
    pollfd watched{reading, POLLIN, 0};
    for (char byte = 0; ::poll(&watched, 1, 20'000) == 1 && ::read(reading, &byte, 1) == 1;)
        told.push_back(byte);
    EXPECT_EQ(told, "begun\n");
    EXPECT_NE(watched.revents & POLLHUP, 0) << "one of them still runs";
    ::close(reading);
    std::filesystem::remove(pipe);
}

TEST(program_test, dying_of_a_signal_is_the_files_fault) {
    EXPECT_EQ(code_of({"sh", "-c", "kill -SEGV $$"}), SLUICE_INVALID_INPUT);
}

TEST(program_test, says_which_package_is_missing) {
    EXPECT_EQ(code_of({"no-such-program"}), SLUICE_UNSUPPORTED);
}

}  // namespace
}  // namespace sluice::pdf::testing
