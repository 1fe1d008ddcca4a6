#include "program.hpp"

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

TEST(program_test, dying_of_a_signal_is_the_files_fault) {
    EXPECT_EQ(code_of({"sh", "-c", "kill -SEGV $$"}), SLUICE_INVALID_INPUT);
}

TEST(program_test, says_which_package_is_missing) {
    EXPECT_EQ(code_of({"no-such-program"}), SLUICE_UNSUPPORTED);
}

}  // namespace
}  // namespace sluice::pdf::testing
