#include "trigger/schedules.hpp"

#include <gtest/gtest.h>

#include <set>

#include "engine/engine_testing.hpp"
#include "json/text.hpp"
#include "manifest/load.hpp"

namespace sluice::trigger {
namespace {

constexpr std::int64_t second = 1000;
constexpr std::int64_t hour = 3'600'000;

// A wall clock that somebody sets.
class set_clock final : public base::clock {
  public:
    explicit set_clock(base::clock& real) : real_(real) {}
    std::int64_t unix_ms() override { return real_.unix_ms() + ahead_ms; }
    std::int64_t steady_ns() override { return real_.steady_ns(); }
    std::int64_t ahead_ms = 0;

  private:
    base::clock& real_;
};

// One flow "tick" with a schedule, in an engine whose process can be killed.
class schedules_test : public testing::Test {
  protected:
    static std::string text(const std::string& schedule, const std::string& tasks) {
        return engine::flow_text(
            "      - a: { set: 1 }\n", {},
            "  tick:\n    trigger: { schedule: " + schedule + " }\n    do: [ " + tasks + " ]\n");
    }
    void deploy(const std::string& schedule, const std::string& tasks = "{ t: { set: 1 } }") {
        const std::string manifest = text(schedule, tasks);
        if (!world_) {
            world_ = std::make_unique<engine::engine_world>(manifest);
            wall_ = std::make_unique<set_clock>(world_->clock);
        } else {
            crash();
            world_->deploy(manifest);
            world_->start();
        }
        bind(manifest);
        begin();
    }
    void bind(const std::string& manifest) {
        auto loaded = manifest::parse_integration(manifest, "test");
        ASSERT_TRUE(loaded.content) << loaded.problems.front().to_text();
        auto shared = std::make_shared<const manifest::integration>(std::move(*loaded.content));
        auto bound = std::make_shared<engine::bound_flow>(*world_->settings);
        bound->instance = "one";
        bound->flow = shared->find_flow("tick");
        bound->integration = shared;
        flow_ = bound;
    }
    // The same instance with another schedule, while it runs.
    void replace(const std::string& schedule, const std::string& tasks = "{ t: { set: 1 } }") {
        const std::string manifest = text(schedule, tasks);
        world_->deploy(manifest);
        bind(manifest);
        running_->replace({"one"}, {flow_}, {});
    }
    void begin() { start_with({flow_}); }
    void start_with(const std::vector<std::shared_ptr<const engine::bound_flow>>& flows) {
        running_ = std::make_unique<schedules>(
            schedule_ports{world_->loop, *wall_, world_->ids, *world_->store,
                           [this](const store::new_event& event, json::value payload) {
                               world_->host->accept(event, event.id, std::move(payload));
                           }});
        world_->host->observe_ends(
            [this](store::event_id id, const engine::end_of_execution&) { running_->on_end(id); });
        live_runs live;
        const auto ready = world_->store->load_ready_all(0, 10'000);
        ASSERT_TRUE(ready);
        for (const store::ready_event& one : *ready)
            note_live_run(live, one);
        const auto started = running_->start(flows, live);
        ASSERT_TRUE(started) << started.error_value().to_text();
        settle();
    }
    void crash() {
        running_.reset();
        world_->crash();
    }
    void restart_after(std::int64_t down_ms) {
        crash();
        world_->clock.advance_ms(down_ms);
        world_->start();
        begin();
    }
    // Turns the loop until the clock has moved this far.
    void pass(std::int64_t ms) {
        const std::int64_t end = world_->clock.unix_ms() + ms;
        bool reached = false;
        world_->loop.run_after(ms, [&reached] { reached = true; });
        while (!reached && turn()) {
        }
        EXPECT_GE(world_->clock.unix_ms(), end);
        settle();
    }
    bool turn() { return world_->loop.run_one() || world_->loop.advance_to_next_timer(); }
    void settle() { world_->run_ready(); }

    // Nominal times of all runs, oldest first, as minutes (or seconds) after the start.
    std::vector<std::int64_t> nominal(std::int64_t unit = second) {
        std::vector<std::int64_t> out;
        store::history_filter every;
        every.limit = 1000;
        const auto all = world_->store->history(every);
        if (!all) return out;
        for (auto one = all->rbegin(); one != all->rend(); ++one) {
            EXPECT_EQ(one->kind, "schedule");
            const auto payload = world_->store->payload(one->id);
            const auto content = json::parse(payload.value());
            const auto at = base::parse_rfc3339(content->string_or("nominal", ""));
            out.push_back((at.value_or(0) - start_) / unit);
        }
        return out;
    }
    using times = std::vector<std::int64_t>;

    const std::int64_t start_ = base::manual_clock().unix_ms();
    std::unique_ptr<engine::engine_world> world_;
    std::unique_ptr<set_clock> wall_;
    std::shared_ptr<const engine::bound_flow> flow_;
    std::unique_ptr<schedules> running_;
};

TEST_F(schedules_test, every_counts_from_the_first_start) {
    deploy("{ every: PT10S }");
    pass(35 * second);
    EXPECT_EQ(nominal(), (times{10, 20, 30}));
    restart_after(2 * second);
    pass(20 * second);
    EXPECT_EQ(nominal(), (times{10, 20, 30, 40, 50}));
    EXPECT_EQ(running_->stats().missed, 0u);
}

TEST_F(schedules_test, a_change_while_it_runs_keeps_the_place_of_the_same_times) {
    deploy("{ every: PT10S }");
    pass(15 * second);
    replace("{ every: PT10S }", "{ t: { set: 2 } }");
    pass(10 * second);
    EXPECT_EQ(nominal(), (times{10, 20}));
    replace("{ every: PT20S }");
    pass(50 * second);
    EXPECT_EQ(nominal(), (times{10, 20, 45, 65})) << "other times count from the change";
    restart_after(second);
    pass(10 * second);
    EXPECT_EQ(nominal(), (times{10, 20, 45, 65, 85})) << "and are kept";
}

TEST_F(schedules_test, one_that_is_gone_rests_and_goes_on_when_it_comes_back) {
    deploy("{ every: PT10S, missed: skip }");
    pass(15 * second);
    running_->replace({"one"}, {}, {});
    pass(300 * second);
    EXPECT_EQ(nominal(), (times{10}));
    EXPECT_TRUE(running_->planned().empty());
    running_->replace({"one"}, {flow_}, {});
    pass(20 * second);
    EXPECT_EQ(nominal().back(), 330);
    EXPECT_GT(running_->stats().missed, 20u);
}

TEST_F(schedules_test, a_rest_at_any_turn_loses_no_tick_and_fires_none_twice) {
    for (int turns = 0; turns < 12; ++turns) {
        SCOPED_TRACE(turns);
        running_.reset();
        world_.reset();
        deploy("{ every: PT10S, missed: all }");
        for (int i = 0; i < turns; ++i)
            turn();
        running_->replace({"one"}, {}, {});
        turn();
        running_->replace({"one"}, {flow_}, {});
        while (world_->clock.unix_ms() < start_ + 45 * second && turn()) {
        }
        settle();
        const times all = nominal();
        ASSERT_GE(all.size(), 4u);
        for (std::size_t i = 0; i < all.size(); ++i)
            EXPECT_EQ(all[i], 10 * static_cast<std::int64_t>(i + 1));
    }
}

TEST_F(schedules_test, one_that_comes_while_it_runs_has_the_place_that_is_kept) {
    deploy("{ every: PT1H }");
    pass(hour + second);
    crash();
    world_->clock.advance_ms(hour);
    world_->start();
    const auto its = flow_;
    start_with({});
    const auto kept = schedules::read(*world_->store, {its});
    ASSERT_TRUE(kept);
    ASSERT_EQ(kept->size(), 1u);
    running_->replace({"one"}, {its}, *kept);
    pass(second);
    EXPECT_EQ(nominal(hour), (times{1, 2})) << "the one that was missed";
}

TEST_F(schedules_test, after_counts_from_the_change_when_it_is_new) {
    deploy("{ every: PT1H }");
    pass(10 * second);
    replace("{ after: PT30S }");
    pass(70 * second);
    EXPECT_EQ(nominal(), (times{40, 70}));
}

TEST_F(schedules_test, missed_times_give_the_latest) {
    deploy("{ every: PT1H }");
    restart_after(5 * hour + 1);
    pass(second);
    EXPECT_EQ(nominal(hour), (times{5}));
    EXPECT_EQ(running_->stats().missed, 4u);
}

TEST_F(schedules_test, a_run_is_told_what_clocks_of_its_zone_show) {
    deploy("{ cron: \"*/30 * * * *\", timezone: Asia/Kathmandu }");
    pass(hour);
    const auto payload = world_->store->payload(world_->store->history({})->front().id);
    const json::value told = json::parse(payload.value()).value();
    const std::string there = told.string_or("local", "");
    EXPECT_TRUE(there.ends_with("+05:45")) << there;
    const auto nominal = base::parse_rfc3339(told.string_or("nominal", ""));
    ASSERT_TRUE(nominal);
    EXPECT_EQ(there.substr(0, 23) + "Z", base::to_rfc3339(*nominal + 345 * 60 * second));
}

TEST_F(schedules_test, missed_times_older_than_a_day_are_left_out) {
    deploy("{ cron: \"0 0 1 1 *\" }");
    restart_after(90 * 24 * hour);
    pass(second);
    EXPECT_EQ(nominal(), times{});
    EXPECT_EQ(running_->stats().missed, 1u);
}

TEST_F(schedules_test, missed_times_come_all_in_their_order_up_to_a_hundred) {
    deploy("{ every: PT1H, missed: all }");
    restart_after(3 * hour);
    pass(second);
    EXPECT_EQ(nominal(hour), (times{1, 2, 3}));
    deploy("{ every: PT1M, missed: all }");
    restart_after(3 * hour);
    pass(second);
    EXPECT_EQ(nominal().size(), 103u);
}

TEST_F(schedules_test, missed_times_are_skipped) {
    deploy("{ every: PT1H, missed: skip }");
    restart_after(2 * hour + hour / 2);
    pass(hour);
    EXPECT_EQ(nominal(hour), (times{3}));
    EXPECT_EQ(running_->stats().missed, 2u);
}

TEST_F(schedules_test, a_run_that_goes_on_lets_times_pass) {
    deploy("{ every: PT10S }", "{ w: { wait: PT25S } }");
    pass(45 * second);
    EXPECT_EQ(nominal(), (times{10, 40}));
    EXPECT_EQ(running_->stats().overlapped, 2u);
    restart_after(1 * second);  // the run of 40 goes on over the crash
    pass(10 * second);
    EXPECT_EQ(nominal(), (times{10, 40}));
}

TEST_F(schedules_test, runs_go_beside_each_other_when_they_may) {
    deploy("{ every: PT10S, overlap: allow }", "{ w: { wait: PT25S } }");
    pass(34 * second);
    EXPECT_EQ(nominal(), (times{10, 20, 30}));
    EXPECT_EQ(world_->host->stats().alive, 3u);
}

TEST_F(schedules_test, queued_runs_go_one_by_one_and_are_bounded) {
    deploy("{ every: PT1S, overlap: queue }", "{ w: { wait: PT1000S } }");
    pass(150 * second);
    EXPECT_EQ(nominal().size(), 100u);
    EXPECT_EQ(world_->host->stats().alive, 1u);
    EXPECT_EQ(running_->stats().overlapped, 50u);
}

TEST_F(schedules_test, after_counts_from_the_end_of_the_last_run) {
    deploy("{ after: PT10S }", "{ w: { wait: PT5S } }");
    pass(29 * second);
    EXPECT_EQ(nominal(), (times{10, 25}));
    restart_after(second);  // inside the second run, which ends at 30 or soon after
    pass(11 * second);
    const times found = nominal();
    ASSERT_EQ(found.size(), 3u);
    EXPECT_GE(found[2], 40);
    restart_after(100 * second);
    pass(second);
    EXPECT_EQ(nominal().size(), 3u) << "the third still ran when the host died";
}

TEST_F(schedules_test, a_clock_that_is_set_repeats_nothing_and_what_it_jumps_over_is_missed) {
    deploy("{ every: PT10S }");
    pass(35 * second);
    wall_->ahead_ms = -20 * second;
    pass(24 * second);
    EXPECT_EQ(nominal(), (times{10, 20, 30}));
    pass(2 * second);
    EXPECT_EQ(nominal(), (times{10, 20, 30, 40}));
    wall_->ahead_ms = hour;
    pass(60 * second);
    EXPECT_GT(running_->stats().missed, 350u);
    const times found = nominal();
    EXPECT_EQ(std::set<std::int64_t>(found.begin(), found.end()).size(), found.size());
    EXPECT_LT(found.size(), 12u);
}

TEST_F(schedules_test, another_rule_starts_anew) {
    deploy("{ every: PT1H }");
    pass(10 * second);
    deploy("{ every: PT10S }");
    pass(11 * second);
    EXPECT_EQ(nominal(), (times{20}));
}

TEST_F(schedules_test, stopped_ones_start_nothing) {
    deploy("{ every: PT10S }");
    running_->stop();
    pass(60 * second);
    EXPECT_EQ(nominal(), times{});
}

TEST_F(schedules_test, a_disk_that_fails_loses_no_time) {
    deploy("{ every: PT1H }");
    world_->run_ready();
    world_->disk_fails = true;
    pass(hour + second);
    EXPECT_EQ(nominal(hour), times{});
    world_->disk_fails = false;
    pass(20 * second);
    EXPECT_EQ(nominal(hour), (times{1}));
}

TEST_F(schedules_test, a_crash_at_any_turn_neither_loses_nor_repeats) {
    for (int turns = 0; turns < 40; ++turns) {
        SCOPED_TRACE(turns);
        running_.reset();
        world_.reset();
        deploy("{ every: PT10S }");
        settle();
        for (int i = 0; i < turns; ++i)
            turn();
        restart_after(0);
        const std::int64_t gone = world_->clock.unix_ms() - start_;
        pass(100 * second - gone + 1);
        EXPECT_EQ(nominal(), (times{10, 20, 30, 40, 50, 60, 70, 80, 90, 100}));
    }
}

}  // namespace
}  // namespace sluice::trigger
