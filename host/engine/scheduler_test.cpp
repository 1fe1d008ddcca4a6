#include "engine/scheduler.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace sluice::engine
