#include "plugin/crash_note.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "plugin/plugin_testing.hpp"

namespace sluice::plugin {

TEST(crash_note, names_the_connector_whose_code_was_running) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(
        {
            install_crash_note();
            plugin_world world;
            world.install("probe");
            probe_code code(
                [](const sluice_host*, sluice_call*, const sluice_request*) { std::abort(); });
            (void)world.run(code);
        },
        "fatal signal 6 inside connector probe 0.1.0, action run");
}

}  // namespace sluice::plugin
