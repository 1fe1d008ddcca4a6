// Each fault of tests/connectors/faulty.cpp is found by the test that is there for it.
#include "plugin/full_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "plugin/plugin_testing.hpp"
#include "sluice/check_child.hpp"

namespace sluice::plugin {

namespace {

using ::testing::HasSubstr;

class full_check : public ::testing::Test {
  protected:
    check_test run(std::string_view name, std::string test, std::int64_t timeout_ms = 120'000,
                   std::uint64_t seed = 1) {
        const base::temporary_folder folder;
        full_check_options options;
        options.self = SLUICE_CHECK_CHILD;
        options.child_argument = checking::child_argument;
        options.child_tests = checking::test_names();
        options.only = {std::move(test)};
        options.seed = seed;
        options.timeout_ms = timeout_ms;
        options.folder = folder.path();
        const auto tests = check_fully(fixture(name), time_, options);
        return tests.size() == 1 ? tests.front() : check_test{"not run", {}, {}, 0};
    }

    static std::string text_of(const check_test& test) {
        std::string text = test.name + ": " + test.saw;
        for (const check_finding& one : test.findings)
            text += "\n" + one.message + "\n  " + one.next_step + "\n  " + one.doing;
        return text;
    }

    base::system_clock time_;
};

struct fault {
    const char* fixture;
    const char* test;
    const char* message;
    bool is_failure = true;
};

class finds_fault : public full_check, public ::testing::WithParamInterface<fault> {};

}  // namespace

TEST_P(finds_fault, in_the_test_that_is_there_for_it) {
    const fault& each = GetParam();
    const check_test found = run(each.fixture, each.test, 30'000);
    EXPECT_EQ(found.name, each.test);
    EXPECT_EQ(found.failed(), each.is_failure) << text_of(found);
    EXPECT_THAT(text_of(found), HasSubstr(each.message));
    for (const check_finding& one : found.findings)
        EXPECT_FALSE(one.next_step.empty()) << one.message;
    const check_test in_order = run("faultless", each.test);
    EXPECT_FALSE(in_order.failed()) << text_of(in_order);
    for (const check_finding& one : in_order.findings)
        EXPECT_THAT(one.message + one.doing, ::testing::Not(HasSubstr(each.message)));
}

INSTANTIATE_TEST_SUITE_P(
    all, finds_fault,
    ::testing::Values(
        fault{"example", "descriptor", "the input of its example 1 does not fit its schema"},
        fault{"descriptor_json", "descriptor", "not valid JSON"},
        fault{"more_exports", "symbols", "leaked_function"},
        fault{"unique_symbols", "symbols", "GNU-unique"},
        fault{"table_action", "load", "table has action `extra`"},
        fault{"descriptor_flag", "load", "not blocking in its table"},
        fault{"opens_once", "open-close", "signal 6"},
        fault{"thread_stays", "open-close", "run on after close"},
        fault{"leaks_files", "open-close", "stay open after close"},
        fault{"needs_session", "missing-services", "does not open without sluice.session/1"},
        fault{"needs_timer", "missing-services", "`act` without sluice.timer/1"},
        fault{"reads_behind", "struct-sizes", "structs end with ABI 1.0"},
        fault{"crash_on_example", "examples", "with its example 1"},
        fault{"bad_output", "examples", "the output cannot be used"},
        fault{"bad_code", "examples", "failed with code 99"},
        fault{"shows_secret", "examples", "a secret of the connection is in its failure"},
        fault{"crash_without_answer", "http-failures", "after a broken connection"},
        fault{"error_of_500", "http-failures", "does not fail as SLUICE_UNAVAILABLE", false},
        fault{"without_retry_hint", "http-failures", "does not hand on how long to wait", false},
        fault{"crash_on_empty", "wrong-input", "with an empty object"},
        fault{"crash_on_large", "large-input", "a text of 1 MiB"},
        fault{"crash_on_broken_json", "broken-json", "signal 6"},
        fault{"never_after_cancel", "cancel", "never completes"},
        fault{"twice", "completion", "completed a second time"},
        fault{"twice_later", "completion", "completed a second time"},
        fault{"never", "completion", "never completes"},
        fault{"after_the_end", "completion", "after it had ended the call"},
        fault{"keeps_blob", "completion", "was not released"},
        fault{"slot_of_blocking", "strand", "wrote to its slot"},
        fault{"waits_on_strand", "strand", "it waited on its strand"},
        fault{"races", "concurrent", "on 4 thread(s)"}, fault{"leaks", "leaks", "keeps memory"},
        fault{"leaks_files", "leaks", "keeps files open"},
        fault{"crash_on_odd_answer", "fuzz", "of seed 1"}),
    [](const ::testing::TestParamInfo<fault>& one) {
        std::string name = std::string(one.param.fixture) + "_in_" + one.param.test;
        std::replace(name.begin(), name.end(), '-', '_');
        return name;
    });

TEST_F(full_check, a_hang_is_a_finding_of_its_test) {
    const check_test found = run("hangs", "examples", 2'000);
    EXPECT_TRUE(found.failed());
    EXPECT_THAT(text_of(found), HasSubstr("did not come to an end within 2000 ms"));
    EXPECT_THAT(text_of(found), HasSubstr("{\"name\":\"Ada\"}"));
}

TEST_F(full_check, a_crash_tells_the_input_and_the_last_words) {
    const check_test found = run("crash_on_example", "examples");
    ASSERT_EQ(found.findings.size(), 1u);
    EXPECT_THAT(found.findings.front().message, HasSubstr("signal 6"));
    EXPECT_THAT(found.findings.front().doing, HasSubstr("{\"name\":\"Ada\"}"));
}

TEST_F(full_check, the_same_seed_finds_the_same_again) {
    const auto crash = [&](std::uint64_t seed) {
        const check_test found = run("crash_on_odd_answer", "fuzz", 120'000, seed);
        return found.findings.empty() ? std::string() : found.findings.front().doing;
    };
    const std::string first = crash(7);
    EXPECT_THAT(first, HasSubstr("of seed 7"));
    EXPECT_EQ(crash(7), first);
    EXPECT_NE(crash(8), first);
}

TEST_F(full_check, a_connector_in_order_passes_all) {
    for (const char* name : {"faultless", "friendly", "in_order"}) {
        const base::temporary_folder folder;
        full_check_options options;
        options.self = SLUICE_CHECK_CHILD;
        options.child_argument = checking::child_argument;
        options.child_tests = checking::test_names();
        options.folder = folder.path();
        options.at_once = 2;
        const auto tests = check_fully(fixture(name), time_, options);
        EXPECT_EQ(tests.size(), file_test_names().size() + checking::test_names().size()) << name;
        for (const check_test& one : tests)
            EXPECT_FALSE(one.failed()) << name << ", " << text_of(one);
    }
}

}  // namespace sluice::plugin
