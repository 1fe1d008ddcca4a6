#include "plugin/crash_note.hpp"

#include <gtest/gtest.h>

#include <csignal>

#include "plugin/current_call.hpp"

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
