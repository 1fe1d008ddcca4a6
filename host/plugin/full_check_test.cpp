// Each fault of tests/connectors/faulty.cpp is found by the test that is there for it.
#include "plugin/full_check.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/file.hpp"
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
        options.round = round_;
        options.off = off_;
        options.timeout_ms = timeout_ms;
        options.folder = folder.path();
        const auto tests = check_fully(fixture(name), time_, options);
        for (const check_test& one : tests) {
            if (one.name == options.only.front()) return one;
        }
        return tests.size() == 1 ? tests.front() : check_test{"not run", {}, {}, 0};
    }

    static std::string text_of(const check_test& test) {
        std::string text = test.name + ": " + test.saw;
        for (const check_finding& one : test.findings)
            text += "\n" + one.message + "\n  " + one.next_step + "\n  " + one.doing;
        return text;
    }

    base::system_clock time_;
    std::optional<std::uint64_t> round_;
    std::vector<std::string> off_;
};

struct fault {
    const char* fixture;
    const char* test;
    const char* message;
    bool is_failure = true;
};

class finds_fault : public full_check, public ::testing::WithParamInterface<fault> {};

constexpr bool warning = false;

constexpr fault faults[] = {
    {"example", "descriptor", "the input of its example 1 does not fit its schema"},
    {"example_output", "descriptor", "the output of its example 1 does not fit its schema"},
    {"example_without_input", "descriptor", "is no object with `input`"},
    {"descriptor_json", "descriptor", "not valid JSON"},
    {"input_schema", "descriptor", "its input schema is none: "},
    {"fields_schema", "descriptor", "its fields are no schema: "},
    {"unknown_flag", "descriptor", "`tomorrow`, which this host does not know", warning},
    {"unknown_error", "descriptor", "names an error that this host does not know", warning},
    {"no_words", "descriptor", "the descriptor has no `vendor`", warning},
    {"no_words", "descriptor", "connection type `token` has no `test`", warning},
    {"no_words", "descriptor", "action `act` has no description", warning},
    {"no_words", "descriptor", "action `act` has no output schema", warning},
    {"no_words", "descriptor", "`act`: no description of its input name", warning},
    {"more_exports", "symbols", "it exports `leaked_function`"},
    {"no_entry", "symbols", "it does not export the function"},
    {"unique_symbols", "symbols", "it has GNU-unique symbols such as "},
    {"table_action", "load", "table has action `extra`"},
    {"descriptor_flag", "load", "not blocking in its table"},
    {"opens_once", "open-close", "signal 6"},
    {"refuses_second_open", "open-close", "open failed: it is open already"},
    {"thread_stays", "open-close", "threads of the connector run on after close"},
    {"leaks_files", "open-close", " files stay open after close"},
    {"needs_session", "missing-services", "it does not open without sluice.session/1"},
    {"needs_timer", "missing-services", "`act` without sluice.timer/1"},
    {"unnamed_service", "missing-services",
     "`act` needs sluice.http/1, which the descriptor does not name", warning},
    {"silent_open", "missing-services", "without sluice.session/1 open fails and does not say why",
     warning},
    {"silent_open", "missing-services", "without any service open fails and does not say why",
     warning},
    {"reads_behind", "struct-sizes", "structs end with ABI 1.0"},
    {"exact_size", "struct-sizes", "refuses to work on a later host"},
    {"crash_on_example", "examples", "with its example 1"},
    {"exits", "examples", "it ended the process itself (exit code 0)"},
    {"bad_output", "examples", "the output cannot be used"},
    {"large_output", "examples", "larger than 16 MiB"},
    {"bad_result", "examples", "its result does not fit its output schema"},
    {"bad_code", "examples", "it failed with code 99"},
    {"bad_failure", "examples", "the failure cannot be used"},
    {"fails_with_ok", "examples", "failed with SLUICE_OK"},
    {"shows_secret", "examples", "a secret of the connection is in its failure"},
    {"secret_in_log", "examples", "a secret of the connection is in its log"},
    {"secret_in_host_log", "examples", "a secret of a connection is in the host's own log"},
    {"bad_log_fields", "examples", "the fields of a log line are"},
    {"throws", "examples", "an exception left it: boom"},
    {"refuses_example", "examples", "` refuses its own example 1"},
    {"no_example", "examples", "`act` has no example", warning},
    {"internal", "examples", "` fails as SLUICE_INTERNAL with its example", warning},
    {"no_message", "examples", "it failed without a message", warning},
    {"crash_without_answer", "http-failures", "after a broken connection"},
    {"error_of_500", "http-failures", " it does not fail as SLUICE_UNAVAILABLE", warning},
    {"without_retry_hint", "http-failures", "it does not hand on how long to wait", warning},
    {"crash_on_empty", "wrong-input", "with an empty object"},
    {"many_warnings", "wrong-input", "completed a second time"},
    {"many_warnings", "wrong-input", " more warning(s)"},
    {"internal", "wrong-input", "` fails as SLUICE_INTERNAL with an empty object", warning},
    {"uses_old_handle", "wrong-input", "the handle of a call long after it had ended"},
    {"crash_on_large", "large-input", "a text of 1 MiB"},
    {"crash_on_broken_json", "broken-json", "signal 6"},
    {"takes_no_json", "broken-json", "takes a text that is no JSON for something", warning},
    {"never_after_cancel", "cancel", "never completes"},
    {"internal", "cancel", "fails as SLUICE_INTERNAL after a cancel", warning},
    {"twice", "completion", "completed a second time"},
    {"twice_later", "completion", "completed a second time"},
    {"never", "completion", "never completes"},
    {"after_the_end", "completion", "after it had ended the call"},
    {"keeps_blob", "completion", "was not released"},
    {"releases_twice", "completion", "was released too often"},
    {"writes_twice", "completion", "two writes to one blob at the same time"},
    {"slot_of_blocking", "strand", "wrote to its slot"},
    {"waits_on_strand", "strand", "it waited on its strand"},
    {"races", "concurrent", "on 4 thread(s)"},
    {"frees_work_at_end", "concurrent", "signal 6"},
    {"leaks", "leaks", "keeps memory: about "},
    {"leaks_files", "leaks", "keeps files open: "},
    {"crash_on_odd_answer", "fuzz", "of seed 1"},
    {"adds_headers", "fuzz", "lets its input add headers to a request"},
};

// What is told by tests of their own below, or never by a fixture.
constexpr const char* told_elsewhere[] = {
    "its time was over, and it left out ",
    "reading it takes ",  // the time that a machine takes
};

// The texts that stand in the sources as the first argument of fail( and warn(, each with all the
// literals of its call.
std::vector<std::vector<std::string>> messages_in(const std::filesystem::path& source) {
    const std::string text = base::read_file(source).value();
    std::vector<std::vector<std::string>> found;
    for (const std::string_view call : {".fail(", ".warn("}) {
        for (auto at = text.find(call); at != text.npos; at = text.find(call, at + 1)) {
            std::vector<std::string> literals;
            const auto end = text.find(';', at);
            for (auto quote = text.find('"', at); quote < end; quote = text.find('"', quote + 1)) {
                const auto close = text.find('"', quote + 1);
                literals.push_back(text.substr(quote + 1, close - quote - 1));
                quote = close;
            }
            if (!literals.empty()) found.push_back(std::move(literals));
        }
    }
    return found;
}

// Whether the literal, or a good part of it, is what somebody looks for.
bool is_looked_for(const std::string& literal) {
    constexpr std::size_t enough = 10;
    if (literal.size() < enough) return false;
    const auto fits = [&](std::string_view message) {
        return message.find(literal) != message.npos || literal.find(message) != literal.npos;
    };
    return std::ranges::any_of(faults, [&](const fault& one) { return fits(one.message); }) ||
           std::ranges::any_of(told_elsewhere, fits);
}

}  // namespace

TEST(full_check_messages, each_is_found_by_a_fixture) {
    const std::filesystem::path host = std::filesystem::path(__FILE__).parent_path();
    std::vector<std::filesystem::path> sources = {host / "check_file.cpp"};
    for (const auto& one : std::filesystem::directory_iterator(host / "../../sdk/check")) {
        if (one.path().extension() == ".cpp") sources.push_back(one.path());
    }
    std::size_t seen = 0;
    for (const std::filesystem::path& source : sources) {
        for (const auto& literals : messages_in(source)) {
            ++seen;
            EXPECT_TRUE(std::ranges::any_of(literals, is_looked_for))
                << source << ": no row of `faults` looks for \"" << literals.front() << '"';
        }
    }
    EXPECT_GT(seen, 30u);
}

TEST_P(finds_fault, in_the_test_that_is_there_for_it) {
    const fault& each = GetParam();
    const check_test found = run(each.fixture, each.test, 30'000);
    EXPECT_EQ(found.name, each.test);
    EXPECT_TRUE(found.failed() || !each.is_failure) << text_of(found);
    EXPECT_THAT(text_of(found), HasSubstr(each.message));
    for (const check_finding& one : found.findings) {
        EXPECT_FALSE(one.next_step.empty()) << one.message;
        if (one.message.find(each.message) != std::string::npos && !each.is_failure) {
            EXPECT_FALSE(one.failure) << one.message;
        }
    }
    const check_test in_order = run("faultless", each.test);
    EXPECT_FALSE(in_order.failed()) << text_of(in_order);
    for (const check_finding& one : in_order.findings)
        EXPECT_THAT(one.message + one.doing, ::testing::Not(HasSubstr(each.message)));
}

INSTANTIATE_TEST_SUITE_P(all, finds_fault, ::testing::ValuesIn(faults),
                         [](const ::testing::TestParamInfo<fault>& one) {
                             std::string name = std::to_string(one.index) + "_" +
                                                one.param.fixture + "_in_" + one.param.test;
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

TEST_F(full_check, a_hang_is_a_finding_of_its_test) {
    const check_test found = run("hangs", "examples", 2'000);
    EXPECT_TRUE(found.failed());
    EXPECT_THAT(text_of(found), HasSubstr("did not come to an end within 2000 ms"));
    EXPECT_THAT(text_of(found), HasSubstr("{\"name\":\"Ada\"}"));
}

TEST_F(full_check, what_it_leaves_out_is_told) {
    const check_test found = run("slow", "wrong-input", 3'000);
    EXPECT_FALSE(found.failed()) << text_of(found);
    EXPECT_THAT(text_of(found), HasSubstr("its time was over, and it left out "));
    EXPECT_THAT(text_of(found), HasSubstr("--timeout-s"));
}

TEST_F(full_check, waiting_in_work_is_no_waiting_on_a_strand) {
    const check_test found = run("waits_in_work", "strand");
    EXPECT_TRUE(found.findings.empty()) << text_of(found);
}

TEST_F(full_check, a_file_that_cannot_be_tested_fails_whatever_was_asked_for) {
    const check_test refused = run("descriptor_json", "examples");
    EXPECT_EQ(refused.name, "descriptor");
    EXPECT_TRUE(refused.failed());
    const check_test unloadable = run("table_action", "examples");
    EXPECT_EQ(unloadable.name, "load");
    EXPECT_TRUE(unloadable.failed());
}

TEST_F(full_check, one_round_of_a_seed_plays_again) {
    const check_test all = run("crash_on_odd_answer", "fuzz");
    ASSERT_FALSE(all.findings.empty());
    const std::string& doing = all.findings.front().doing;
    const auto at = doing.find("in round ");
    ASSERT_NE(at, std::string::npos) << doing;
    round_ = std::stoull(doing.substr(at + 9));
    const check_test one = run("crash_on_odd_answer", "fuzz");
    ASSERT_FALSE(one.findings.empty());
    EXPECT_EQ(one.findings.front().doing, doing);
}

TEST_F(full_check, a_test_that_is_switched_off_does_not_run) {
    off_ = {"examples"};
    EXPECT_EQ(run("crash_on_example", "examples").name, "not run");
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
