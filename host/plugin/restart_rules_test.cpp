// Pauses before a new start, and quarantine.
#include "plugin/restart_rules.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace sluice::plugin {
namespace {

struct restarts : testing::Test {
    void die(bool counts = true) { rules.died(now_ms * 1'000'000, counts); }
    void end_calls(int count) {
        for (; count > 0; --count)
            rules.call_ended();
    }
    restart_rules rules{isolation_timing{}};
    std::int64_t now_ms = 5'000;
};

TEST_F(restarts, the_pause_doubles_up_to_a_minute) {
    std::vector<std::int64_t> pauses;
    for (int death = 0; death < 9; ++death) {
        die();
        pauses.push_back(rules.pause_ms());
        EXPECT_EQ(rules.next_start_ns(), (now_ms + rules.pause_ms()) * 1'000'000);
        now_ms += 10;
    }
    EXPECT_EQ(pauses, (std::vector<std::int64_t>{1'000, 2'000, 4'000, 8'000, 16'000, 32'000, 60'000,
                                                 60'000, 60'000}));
}

TEST_F(restarts, a_quiet_minute_or_work_that_was_done_makes_it_short_again) {
    die();
    die();
    now_ms += 60'000;
    die();
    EXPECT_EQ(rules.pause_ms(), 4'000);
    now_ms += 60'001;
    die();
    EXPECT_EQ(rules.pause_ms(), 1'000);
    end_calls(4);
    die();
    EXPECT_EQ(rules.pause_ms(), 2'000);
    end_calls(5);
    die();
    EXPECT_EQ(rules.pause_ms(), 1'000);
}

TEST_F(restarts, the_third_death_in_ten_minutes_brings_quarantine) {
    die();
    now_ms += 300'000;
    die();
    now_ms += 300'001;  // the first is forgotten
    die();
    EXPECT_FALSE(rules.quarantined());
    now_ms += 299'000;
    die();
    EXPECT_TRUE(rules.quarantined());
    rules.release();
    EXPECT_FALSE(rules.quarantined());
    EXPECT_EQ(rules.next_start_ns(), 0);
    die();
    die();
    EXPECT_FALSE(rules.quarantined());
}

TEST_F(restarts, one_that_works_between_its_deaths_stays) {
    for (int death = 0; death < 100; ++death) {
        die();
        end_calls(10);
    }
    EXPECT_FALSE(rules.quarantined());
}

TEST_F(restarts, what_it_did_before_its_first_death_does_not_help) {
    end_calls(1'000);
    die();
    end_calls(14);
    die();
    die();
    EXPECT_TRUE(rules.quarantined());
}

TEST_F(restarts, the_hosts_own_shortage_makes_it_wait_and_no_more) {
    for (int count = 0; count < 10; ++count)
        rules.not_started(now_ms * 1'000'000);
    EXPECT_FALSE(rules.quarantined());
    EXPECT_EQ(rules.pause_ms(), 60'000);
}

TEST_F(restarts, a_key_is_blamed_once) {
    EXPECT_FALSE(rules.blame("a"));
    EXPECT_TRUE(rules.blame("a"));
    EXPECT_FALSE(rules.blame("b"));
    EXPECT_FALSE(rules.blame(""));
    EXPECT_FALSE(rules.blame(""));
    for (int count = 0; count < 1'000; ++count)
        rules.blame("x" + std::to_string(count));
    EXPECT_FALSE(rules.blame("a"));  // long ago
    for (int death = 0; death < 10; ++death)
        die(false);
    EXPECT_FALSE(rules.quarantined());
}

}  // namespace
}  // namespace sluice::plugin
