// A disk that reports errors, or is full: stop acknowledging, lose nothing, go on when possible.
#include <gtest/gtest.h>

#include "base/log.hpp"
#include "store/power_cut_testing.hpp"

namespace sluice::store::testing {

class io_error : public ::testing::TestWithParam<bool> {
  protected:
    void SetUp() override { base::set_log_level(base::log_level::off); }
    void TearDown() override { base::set_log_level(base::log_level::info); }
};

// The same script, with the error one operation later each time.
TEST_P(io_error, ends_the_store_at_every_operation_and_loses_nothing) {
    constexpr std::uint64_t most = 200;
    const bool sticky = GetParam();
    int ended = 0;
    for (std::uint64_t at = 1; at <= most && !HasFailure(); ++at) {
        SCOPED_TRACE("error at operation " + std::to_string(at));
        failing_life life(4711);
        ASSERT_NE(life.open(), nullptr);  // closed again: the file exists
        life.disk().fail_at(life.disk().operations() + at, sticky);
        if (auto opened = life.open()) {
            life.work(*opened, 100);
            EXPECT_LE(life.fatal_errors(), 1);
            if (life.fatal_errors() == 1) {
                ++ended;
                std::vector<new_event> late{make_event(1'000'000)};
                bool answered = false;
                opened->append(late, [&answered](const auto& reply) {
                    answered = true;
                    EXPECT_FALSE(reply) << "acknowledged after a disk error";
                });
                life.run();
                EXPECT_TRUE(answered);
            }
        }
        // What the failed sync left out is really gone.
        life.disk().cut_power(survival::nothing);
        life.disk().restore_power();
        auto again = life.open();
        ASSERT_NE(again, nullptr);
        life.check(*again);
        again->close();
        life.check_integrity();
    }
    EXPECT_GT(ended, 100);
}

INSTANTIATE_TEST_SUITE_P(once_and_sticky, io_error, ::testing::Bool());

class full_disk : public io_error {};

TEST_P(full_disk, acknowledges_nothing_false_and_recovers_when_there_is_space) {
    constexpr std::uint64_t runs = 250;  // twice: the parameter shifts the seeds
    std::uint64_t refused_runs = 0;
    for (std::uint64_t i = 0; i < runs && !HasFailure(); ++i) {
        const std::uint64_t seed = (GetParam() ? 1000 : 2000) + i;
        SCOPED_TRACE("seed " + std::to_string(seed));
        failing_life life(seed);
        auto opened = life.open();
        ASSERT_NE(opened, nullptr);
        life.disk().set_quota(life.disk().used() + life.random()() % 150'000);
        life.work(*opened, 15);
        EXPECT_EQ(life.fatal_errors(), 0) << "a full disk is no reason to end";
        if (life.refusals() > 0) ++refused_runs;

        life.disk().set_quota(0);
        const auto before = life.history().acknowledged;
        life.work(*opened, 10);
        EXPECT_GT(life.history().acknowledged, before) << "did not recover";
        life.disk().cut_power(survival::subset);
        opened.reset();
        life.disk().restore_power();
        opened = life.open();
        ASSERT_NE(opened, nullptr);
        life.check(*opened);
        opened->close();
        life.check_integrity();
    }
    EXPECT_GT(refused_runs, runs / 4);
}

INSTANTIATE_TEST_SUITE_P(seeds, full_disk, ::testing::Bool());

}  // namespace sluice::store::testing
