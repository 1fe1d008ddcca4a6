#include "engine/scheduler.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/manual_loop.hpp"

namespace sluice::engine {
namespace {

class scheduler_test : public testing::Test {
  protected:
    scheduler make(limits limit) {
        return scheduler(limit, time_, loop_,
                         [this](const runnable& item) { order_.push_back(item.id); });
    }
    static runnable item(store::event_id id, std::string instance, std::string lane = {},
                         std::int64_t due_ms = 0) {
        return runnable{id, std::move(instance), "flow", std::move(lane), due_ms};
    }

    base::manual_clock time_;
    base::manual_loop loop_{time_};
    std::vector<store::event_id> order_;
};

TEST_F(scheduler_test, runs_one_of_a_lane_at_a_time_in_order) {
    scheduler plan = make({});
    plan.add(item(1, "a", "k"));
    plan.add(item(2, "a", "k"));
    plan.add(item(3, "a", "other"));
    EXPECT_EQ(order_, (std::vector<store::event_id>{1, 3}));
    plan.finished(1);
    EXPECT_EQ(order_, (std::vector<store::event_id>{1, 3, 2}));
}

TEST_F(scheduler_test, equal_keys_of_two_instances_are_two_lanes) {
    scheduler plan = make({});
    plan.add(item(1, "a", "k"));
    plan.add(item(2, "b", "k"));
    EXPECT_EQ(order_.size(), 2u);
}

TEST_F(scheduler_test, takes_turns_between_instances) {
    scheduler plan = make({.running = 1, .running_per_instance = 10});
    for (store::event_id id = 1; id <= 4; ++id)
        plan.add(item(id, "busy"));
    plan.add(item(100, "quiet"));
    while (plan.running() > 0)
        plan.finished(order_.back());
    EXPECT_EQ(order_, (std::vector<store::event_id>{1, 2, 100, 3, 4}));
}

TEST_F(scheduler_test, keeps_the_limit_of_an_instance) {
    scheduler plan = make({.running = 10, .running_per_instance = 2});
    for (store::event_id id = 1; id <= 5; ++id)
        plan.add(item(id, "a"));
    EXPECT_EQ(plan.running(), 2u);
    EXPECT_EQ(plan.queued(), 3u);
    plan.finished(1);
    EXPECT_EQ(plan.running(), 2u);
    EXPECT_EQ(order_, (std::vector<store::event_id>{1, 2, 3}));
}

TEST_F(scheduler_test, a_sleeper_gives_its_permit_away_but_keeps_its_lane) {
    scheduler plan = make({.running = 1, .running_per_instance = 1});
    plan.add(item(1, "a", "k"));
    plan.add(item(2, "a", "k"));
    plan.add(item(3, "a"));
    plan.sleep(1);
    EXPECT_EQ(order_, (std::vector<store::event_id>{1, 3}));
    bool resumed = false;
    plan.wake(1, [&] { resumed = true; });
    EXPECT_FALSE(resumed) << "3 still has the only permit";
    plan.finished(3);
    EXPECT_TRUE(resumed);
    plan.finished(1);
    EXPECT_EQ(order_, (std::vector<store::event_id>{1, 3, 2}));
}

TEST_F(scheduler_test, starts_a_parked_execution_when_it_is_due_and_its_lane_waits) {
    scheduler plan = make({});
    plan.add(item(1, "a", "k", time_.unix_ms() + 500));
    plan.add(item(2, "a", "k"));
    loop_.advance_ms(499);
    EXPECT_TRUE(order_.empty());
    loop_.advance_ms(1);
    EXPECT_EQ(order_, (std::vector<store::event_id>{1}));
}

TEST_F(scheduler_test, starts_nothing_after_stop) {
    scheduler plan = make({.running = 1, .running_per_instance = 1});
    plan.add(item(1, "a"));
    plan.add(item(2, "a"));
    plan.stop();
    plan.finished(1);
    EXPECT_EQ(order_, (std::vector<store::event_id>{1}));
    EXPECT_EQ(plan.alive(), 0u);
}

runnable limited(store::event_id id, int at_once, std::string instance = "a") {
    runnable item{id, std::move(instance), "flow", {}, 0};
    item.at_once = at_once;
    return item;
}

TEST_F(scheduler_test, keeps_the_limit_of_a_flow_while_others_of_the_instance_go_on) {
    scheduler plan = make({});
    for (store::event_id id = 1; id <= 4; ++id)
        plan.add(limited(id, 2));
    plan.add(runnable{9, "a", "other", {}, 0});
    plan.add(limited(10, 2, "b"));
    EXPECT_EQ(order_, (std::vector<store::event_id>{1, 2, 9, 10}));
    plan.finished(1);
    EXPECT_EQ(order_.back(), 3);
    plan.finished(2);
    plan.finished(3);
    EXPECT_EQ(order_.back(), 4);
}

TEST_F(scheduler_test,
       a_sleeper_frees_its_place_below_the_limit_of_its_flow_and_asks_for_it_again) {
    scheduler plan = make({});
    plan.add(limited(1, 1));
    plan.add(limited(2, 1));
    plan.sleep(1);
    EXPECT_EQ(order_, (std::vector<store::event_id>{1, 2}));
    bool resumed = false;
    plan.wake(1, [&] { resumed = true; });
    EXPECT_FALSE(resumed) << "2 has the place";
    plan.finished(2);
    EXPECT_TRUE(resumed);
}

TEST_F(scheduler_test, forgets_who_ends_while_it_waits_behind_a_limit) {
    scheduler plan = make({});
    plan.add(limited(1, 1));
    plan.add(limited(2, 1));
    plan.sleep(1);
    plan.wake(1, [] { FAIL() << "it is over"; });
    plan.finished(1);
    plan.finished(2);
    EXPECT_EQ(plan.alive(), 0u);
    EXPECT_EQ(plan.running(), 0u);
    plan.add(limited(3, 1));
    EXPECT_EQ(order_.back(), 3);
}

TEST_F(scheduler_test, starts_again_after_a_pause_with_its_lane_kept) {
    scheduler plan = make({});
    plan.add(item(1, "a", "k"));
    plan.add(item(2, "a", "k"));
    plan.again(1, time_.unix_ms() + 500);
    EXPECT_EQ(plan.running(), 0u);
    loop_.advance_ms(499);
    EXPECT_EQ(order_, (std::vector<store::event_id>{1}));
    loop_.advance_ms(1);
    EXPECT_EQ(order_, (std::vector<store::event_id>{1, 1}));
    plan.finished(1);
    EXPECT_EQ(order_, (std::vector<store::event_id>{1, 1, 2}));
}

TEST_F(scheduler_test, does_not_wake_who_starts_again) {
    scheduler plan = make({.running = 1, .running_per_instance = 1});
    plan.add(item(1, "a"));
    plan.sleep(1);
    plan.add(item(2, "a"));
    plan.wake(1, [] { FAIL() << "that run is over"; });
    plan.again(1, time_.unix_ms() + 500);
    plan.finished(2);
    loop_.advance_ms(500);
    EXPECT_EQ(order_, (std::vector<store::event_id>{1, 2, 1}));
    plan.finished(1);
    EXPECT_EQ(plan.alive(), 0u);
}

TEST_F(scheduler_test, starts_every_instance_within_one_round_however_many_one_of_them_has) {
    scheduler plan = make({.running = 1, .running_per_instance = 1});
    for (store::event_id id = 1; id <= 1'000; ++id)
        plan.add(item(id, "flood"));
    for (store::event_id id = 2'001; id <= 2'009; ++id)
        plan.add(item(id, "small" + std::to_string(id)));
    for (int round = 0; round < 11; ++round)
        plan.finished(order_.back());
    // One start of the flood before, and then one of each.
    for (store::event_id id = 2'001; id <= 2'009; ++id)
        EXPECT_NE(std::find(order_.begin(), order_.end(), id), order_.end()) << id;
    // And equal shares from there on.
    for (store::event_id id = 3'001; id <= 3'050; ++id)
        plan.add(item(id, "second"));
    const std::size_t from = order_.size();
    for (int round = 0; round < 40; ++round)
        plan.finished(order_.back());
    const auto second = std::count_if(order_.begin() + static_cast<std::ptrdiff_t>(from),
                                      order_.end(), [](store::event_id id) { return id > 3'000; });
    EXPECT_NEAR(static_cast<double>(second), 20.0, 1.0);
}

TEST_F(scheduler_test, a_slow_instance_holds_only_its_own_share) {
    scheduler plan = make({.running = 10, .running_per_instance = 4});
    for (store::event_id id = 1; id <= 100; ++id)
        plan.add(item(id, "slow"));  // they never finish
    for (store::event_id id = 201; id <= 250; ++id)
        plan.add(item(id, "quick"));
    while (order_.back() > 200 && order_.back() < 250)
        plan.finished(order_.back());
    EXPECT_EQ(order_.back(), 250);
    EXPECT_EQ(std::count_if(order_.begin(), order_.end(), [](auto id) { return id <= 100; }), 4);
}

runnable heavy(store::event_id id, std::string instance, std::size_t bytes) {
    return {id, std::move(instance), "flow", "", 0, 0, bytes};
}

TEST_F(scheduler_test, starts_no_more_than_what_memory_has_room_for) {
    scheduler plan = make({.running_bytes = 100});
    plan.add(heavy(1, "a", 60));
    plan.add(heavy(2, "a", 50));
    plan.add(heavy(3, "a", 1));
    EXPECT_EQ(order_, (std::vector<store::event_id>{1}));  // nobody passes the large one by
    plan.finished(1);
    EXPECT_EQ(order_, (std::vector<store::event_id>{1, 2}));
    plan.finished(2);
    EXPECT_EQ(order_, (std::vector<store::event_id>{1, 2, 3}));
}

TEST_F(scheduler_test, large_payloads_of_one_instance_do_not_stop_another) {
    scheduler plan = make({.running_bytes = 100});
    for (store::event_id id = 1; id <= 3; ++id)
        plan.add(heavy(id, "a", 90));
    plan.add(heavy(10, "b", 200));
    plan.add(heavy(11, "c", 1));
    EXPECT_EQ(order_, (std::vector<store::event_id>{1, 10, 11}));
}

TEST_F(scheduler_test, instances_that_wait_for_slow_third_parties_leave_room_for_one_more) {
    scheduler plan = make({.running = 100, .running_per_instance = 25});
    for (const char* name : {"a", "b", "c", "d", "e", "f"}) {
        for (int i = 0; i < 100; ++i)
            plan.add(
                item(static_cast<store::event_id>(order_.size() + 1000 + plan.queued()), name));
    }
    const std::size_t before = order_.size();
    EXPECT_LT(plan.running(), 100u);
    EXPECT_GT(plan.running(), 80u);
    plan.add(item(1, "quiet"));
    ASSERT_EQ(order_.size(), before + 1);
    EXPECT_EQ(order_.back(), 1);
    // And when one of them ends something, the next of those who wait has its turn.
    plan.finished(1);
    plan.finished(order_.front());
    EXPECT_EQ(order_.size(), before + 2);
}

TEST_F(scheduler_test, who_sleeps_gives_its_room_back) {
    scheduler plan = make({.running_bytes = 100});
    plan.add(heavy(1, "a", 90));
    plan.add(heavy(2, "a", 90));
    EXPECT_EQ(order_, (std::vector<store::event_id>{1}));
    plan.sleep(1);
    EXPECT_EQ(order_, (std::vector<store::event_id>{1, 2}));
    bool woken = false;
    plan.wake(1, [&] { woken = true; });
    EXPECT_FALSE(woken);
    plan.finished(2);
    EXPECT_TRUE(woken);
}

TEST_F(scheduler_test, a_payload_that_turns_out_too_large_waits_for_room) {
    scheduler plan = make({.running_bytes = 100});
    plan.add(item(1, "a"));
    plan.add(item(2, "a"));
    EXPECT_EQ(plan.running(), 2u);
    EXPECT_TRUE(plan.weigh(1, 80));
    EXPECT_FALSE(plan.weigh(2, 80));
    plan.again(2, 0);
    EXPECT_EQ(plan.running(), 1u);
    plan.finished(1);
    EXPECT_EQ(order_, (std::vector<store::event_id>{1, 2, 2}));
    EXPECT_TRUE(plan.weigh(2, 80));
}

}  // namespace
}  // namespace sluice::engine
