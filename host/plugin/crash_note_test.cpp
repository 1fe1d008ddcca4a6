#include "plugin/crash_note.hpp"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <thread>
#include <vector>

#include "base/base_testing.hpp"
#include "plugin/current_call.hpp"
#include "plugin/running_record.hpp"

namespace sluice::plugin {

TEST(crash_note, names_the_connector_whose_code_was_running) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(
        {
            install_crash_note();
            const current_call_scope scope("probe 0.1.0", "run");
            std::raise(SIGABRT);
        },
        "fatal signal 6 inside connector probe 0.1.0, action run");
}

// What the next process learns of one that ended as `end` does it.
std::vector<store::death> left_by(void (*end)()) {
    GTEST_FLAG_SET(death_test_style, "fast");
    const base::temporary_folder folder;
    const std::filesystem::path file = folder.path() / "running";
    EXPECT_EXIT(
        {
            install_crash_note();
            if (!open_running_record(file)) ::_exit(9);
            end();
        },
        [](int) { return true; }, "");
    const auto died = open_running_record(file);
    EXPECT_TRUE(died);
    return died ? *died : std::vector<store::death>();
}

// Each call keeps its frame: what it gives is looked at afterwards.
int deeper(volatile int* above) {
    volatile int here[64] = {*above};
    return *above == 0 ? 0 : deeper(here) + here[63];  // never 0
}

TEST(crash_note, tells_the_next_process_which_execution_it_was) {
    for (void (*end)() : {+[] {
                              const running_scope inside(7);
                              std::raise(SIGSEGV);
                          },
                          +[] {
                              const running_scope inside(7);
                              std::exit(0);
                          },
                          // Its own stack, which has no room for the note.
                          +[] {
                              std::thread([] {
                                  const running_scope inside(7);
                                  volatile int first = 1;
                                  ::_exit(deeper(&first));
                              }).join();
                          }}) {
        const std::vector<store::death> died = left_by(end);
        ASSERT_EQ(died.size(), 1u);
        EXPECT_EQ(died.front().event, 7);
        EXPECT_EQ(died.front().how, store::death::crash);
    }
}

TEST(crash_note, names_the_connector_that_called_exit) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(
        {
            install_crash_note();
            const current_call_scope scope("probe 0.1.0", "run");
            std::exit(0);
        },
        testing::ExitedWithCode(0), "exit\\(\\) inside connector probe 0.1.0, action run");
}

TEST(crash_note, says_nothing_about_connectors_when_none_was_running) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(
        {
            install_crash_note();
            { const current_call_scope over("probe 0.1.0", "run"); }
            std::raise(SIGABRT);
        },
        testing::KilledBySignal(SIGABRT), "^$");
}

}  // namespace sluice::plugin
