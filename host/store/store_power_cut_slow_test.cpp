// Power cuts at random moments: nothing that was acknowledged may be lost.
//   SLUICE_SEED=1234 repeats one of them.
#include <gtest/gtest.h>

#include <cstdlib>

#include "base/log.hpp"
#include "store/power_cut_testing.hpp"

namespace sluice::store::testing {

constexpr std::uint64_t shards = 4;
constexpr std::uint64_t seeds_of_shard = 250;  // each with two cuts
constexpr int lives = 2;

survival pick_survival(std::uint64_t random) {
    switch (random % 3) {
        case 0:
            return survival::nothing;
        case 1:
            return survival::prefix;
        default:
            return survival::subset;
    }
}

// Returns what was acknowledged before cuts.
std::uint64_t run_seed(std::uint64_t seed) {
    SCOPED_TRACE("repeat with SLUICE_SEED=" + std::to_string(seed));
    failing_life life(seed);
    for (int i = 0; i < lives; ++i) {
        const survival what = pick_survival(life.random()());
        // Mostly in the middle of work, sometimes while opening.
        const std::uint64_t ahead = 1 + life.random()() % (life.random()() % 8 == 0 ? 12 : 300);
        life.disk().cut_power_at(life.disk().operations() + ahead, what);
        if (auto opened = life.open()) {
            life.work(*opened, 40);
            life.disk().cut_power(what);
        }
        life.disk().restore_power();
        auto opened = life.open();
        EXPECT_NE(opened, nullptr) << "the store does not open again";
        if (!opened) return 0;
        life.check(*opened);
        opened->close();
        life.check_integrity();
    }
    return life.history().acknowledged;
}

class power_cut : public ::testing::TestWithParam<std::uint64_t> {
  protected:
    // A few lines for each of thousands of cuts would hide a failure.
    void SetUp() override { base::set_log_level(base::log_level::off); }
    void TearDown() override { base::set_log_level(base::log_level::info); }
};

TEST_P(power_cut, loses_nothing_that_was_acknowledged) {
    if (const char* only = std::getenv("SLUICE_SEED")) {
        run_seed(std::strtoull(only, nullptr, 10));
        return;
    }
    std::uint64_t acknowledged = 0;
    for (std::uint64_t i = 0; i < seeds_of_shard && !HasFailure(); ++i) {
        acknowledged += run_seed(GetParam() * 1'000'000 + i);
    }
    RecordProperty("cuts", static_cast<int>(seeds_of_shard * lives));
    // A test that promises nothing proves nothing.
    if (!HasFailure()) {
        EXPECT_GT(acknowledged, seeds_of_shard * 20);
    }
}

INSTANTIATE_TEST_SUITE_P(shard, power_cut, ::testing::Range<std::uint64_t>(1, shards + 1));

}  // namespace sluice::store::testing
