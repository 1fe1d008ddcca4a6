#include "base/panic.hpp"

#include <gtest/gtest.h>

namespace sluice::base {
namespace {

TEST(panic_death_test, says_why_and_aborts) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_EXIT(panic("lane 7 has no owner"), testing::KilledBySignal(SIGABRT),
                "sluice: fatal: lane 7 has no owner");
}

#ifdef NDEBUG
TEST(report_bug, is_counted_and_survived_in_release_builds) {
    const std::uint64_t before = bug_count();
    report_bug("two owners");
    report_bug("two owners");
    EXPECT_EQ(bug_count(), before + 2);
}
#else
TEST(report_bug_death_test, is_fatal_in_debug_builds) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    EXPECT_DEATH(report_bug("two owners"), "bug: two owners");
}
#endif

}  // namespace
}  // namespace sluice::base
