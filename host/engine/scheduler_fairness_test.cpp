// Deficit round robin: instances share in proportion to what their executions cost.
#include <gtest/gtest.h>

#include <algorithm>

#include "base/manual_loop.hpp"
#include "engine/scheduler.hpp"

namespace sluice::engine {
namespace {

constexpr std::size_t five_turns = 64u << 10;  // bytes of a payload that costs as much
constexpr std::size_t huge = 512u << 20;

class scheduler_fairness_test : public testing::Test {
  protected:
    void add(const std::string& instance, int count, std::size_t bytes = 0) {
        for (int i = 0; i < count; ++i)
            plan_.add({++last_, instance, "flow", {}, 0, 0, bytes});
    }
    // Ends what runs and lets the next one start, so often.
    void run(int count) {
        for (int i = 0; i < count; ++i)
            plan_.finished(last_started_);
    }
    std::ptrdiff_t started(const std::string& instance) const {
        return std::count(order_.begin(), order_.end(), instance);
    }

    base::manual_clock time_;
    base::manual_loop loop_{time_};
    std::vector<std::string> order_;  // instances
    store::event_id last_ = 0;
    store::event_id last_started_ = 0;
    scheduler plan_{
        {.running = 1, .running_per_instance = 10}, time_, loop_, [this](const runnable& item) {
            order_.push_back(item.instance);
            last_started_ = item.id;
        }};
};

TEST_F(scheduler_fairness_test, shares_in_proportion_to_cost_and_not_to_count) {
    add("cheap", 1'000);
    add("dear", 1'000, five_turns);
    run(600);
    EXPECT_NEAR(static_cast<double>(started("dear")), 100.0, 1.0);
    EXPECT_NEAR(static_cast<double>(started("cheap")), 500.0, 2.0);
}

TEST_F(scheduler_fairness_test, the_turns_of_the_dear_one_are_spread) {
    add("cheap", 100);
    add("dear", 10, five_turns);
    run(60);
    const auto first = std::find(order_.begin(), order_.end(), "dear");
    const auto second = std::find(first + 1, order_.end(), "dear");
    EXPECT_NEAR(static_cast<double>(second - first), 6.0, 1.0);
}

TEST_F(scheduler_fairness_test, equal_costs_are_equal_shares_however_high) {
    add("one", 500, five_turns);
    add("other", 500, five_turns);
    add("third", 500, five_turns);
    run(300);
    for (const char* name : {"one", "other", "third"})
        EXPECT_NEAR(static_cast<double>(started(name)), 100.0, 1.0) << name;
}

TEST_F(scheduler_fairness_test, an_idle_instance_saves_nothing) {
    add("busy", 500);
    run(200);
    add("idle", 100, five_turns);
    run(1);
    EXPECT_EQ(started("idle"), 0) << "it has to collect what the first of them costs";
    run(59);
    EXPECT_NEAR(static_cast<double>(started("idle")), 10.0, 1.0);
}

TEST_F(scheduler_fairness_test, what_was_collected_is_gone_when_the_queue_is_empty) {
    add("busy", 500);
    add("brief", 1, five_turns);
    run(10);
    ASSERT_EQ(started("brief"), 1);
    run(100);
    order_.clear();
    add("brief", 20);
    run(20);
    EXPECT_NEAR(static_cast<double>(started("brief")), 10.0, 1.0);
}

TEST_F(scheduler_fairness_test, a_huge_event_has_its_turn_while_many_others_are_busy) {
    for (const char* name : {"a", "b", "c"})
        add(name, 1'000);
    add("huge", 2, huge);
    run(200);
    EXPECT_EQ(started("huge"), 1);
    run(200);
    EXPECT_EQ(started("huge"), 2);
}

TEST_F(scheduler_fairness_test, a_dear_event_does_not_wait_when_there_is_nobody_else) {
    add("huge", 3, huge);
    EXPECT_EQ(started("huge"), 1);
    run(2);
    EXPECT_EQ(started("huge"), 3);
}

TEST_F(scheduler_fairness_test, a_size_that_is_known_only_at_the_start_is_paid_afterwards) {
    add("cheap", 1'000);
    add("dear", 1'000);  // as after a restart
    for (int i = 0; i < 600; ++i) {
        if (order_.back() == "dear") {
            EXPECT_TRUE(plan_.weigh(last_started_, five_turns));
        }
        run(1);
    }
    EXPECT_NEAR(static_cast<double>(started("dear")), 100.0, 1.0);
}

TEST_F(scheduler_fairness_test, who_goes_on_after_a_wait_pays_for_one_turn) {
    add("dear", 1, huge);
    const store::event_id sleeper = last_started_;
    add("busy", 100);
    plan_.sleep(sleeper);
    run(10);
    bool resumed = false;
    plan_.wake(sleeper, [&resumed] { resumed = true; });
    run(2);
    EXPECT_TRUE(resumed);
}

TEST_F(scheduler_fairness_test, events_that_wait_for_their_flow_use_up_no_turns) {
    std::vector<store::event_id> order;
    scheduler plan({.running = 4, .running_per_instance = 10}, time_, loop_,
                   [&order](const runnable& item) { order.push_back(item.id); });
    for (store::event_id id = 1; id <= 20; ++id)
        plan.add({id, "busy", "flow", {}, 0, 0, 0});
    for (store::event_id id = 101; id <= 110; ++id)
        plan.add({id, "limited", "flow", {}, 0, 1, 0});
    plan.add({200, "limited", "other", {}, 0, 0, 0});
    ASSERT_EQ(order, (std::vector<store::event_id>{1, 2, 101}));
    for (const std::size_t index : {0, 1, 3, 4})
        plan.finished(order[index]);
    EXPECT_NE(std::find(order.begin(), order.end(), 200), order.end())
        << testing::PrintToString(order);
}

}  // namespace
}  // namespace sluice::engine
