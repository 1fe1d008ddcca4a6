// The tests of host/plugin a second time: every connector runs behind a runner's frames.
#include <gtest/gtest.h>

#include "plugin/plugin_testing.hpp"
#include "runner/in_process_runner_testing.hpp"

int main(int count, char** given) {
    testing::InitGoogleTest(&count, given);
    sluice::plugin::runner_of_tests() = sluice::runner::in_process_runner;
    return RUN_ALL_TESTS();
}
