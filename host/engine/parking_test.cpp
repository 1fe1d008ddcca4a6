// Executions that sleep long are taken out of memory, and nobody can tell but by the memory.
#include <gtest/gtest.h>

#include "engine/engine_testing.hpp"

namespace sluice::engine {
namespace {

constexpr std::int64_t hour_ms = 3'600'000;

engine_options sleeping(std::size_t most) {
    engine_options options;
    options.sleeping = most;
    return options;
}

// A call before and after a wait of an hour.
const char* const call_wait_call =
    "      - a: { call: app.before }\n"
    "      - w: { wait: PT1H }\n"
    "      - b: { call: app.after }\n";

TEST(parking, wakes_all_at_their_time_with_each_step_done_once) {
    engine_world world(flow_text(R"(
      - a: { call: app.before }
      - w: { wait: { seconds: "${ $trigger.s }" } }
      - b: { call: app.after }
)"),
                       sleeping(1));
    const std::int64_t begin = world.clock.unix_ms();
    std::vector<store::event_id> all;
    for (const int seconds : {100, 200, 300})
        all.push_back(world.send("f", R"({"s":)" + std::to_string(seconds) + "}"));
    world.run(1'000);
    EXPECT_EQ(world.host->stats().alive, 1u);
    EXPECT_EQ(world.host->stats().parked, 2u);
    EXPECT_EQ(world.host->stats().queued, 0u) << "a sleeper is no backlog";
    world.run();
    for (std::size_t i = 0; i < all.size(); ++i) {
        EXPECT_EQ(world.result(all[i]), "{}");
        const store::execution_detail found = world.execution(all[i]);
        EXPECT_EQ(found.summary.ended_ms, begin + 100'000 * static_cast<std::int64_t>(i + 1));
        EXPECT_EQ(found.steps.size(), 3u);
        EXPECT_EQ(world.end_counts[all[i]], 1);
    }
    EXPECT_EQ(world.calls.count("app.before"), 3u);
    EXPECT_EQ(world.calls.count("app.after"), 3u);
    EXPECT_EQ(world.host->stats().alive, 0u);
    EXPECT_EQ(world.host->stats().parked, 0u);
}

TEST(parking, is_not_worth_it_for_a_short_wait) {
    engine_world world(flow_text("      - w: { wait: PT4S }\n"), sleeping(0));
    const store::event_id id = world.send("f", "{}");
    world.run(1'000);
    EXPECT_EQ(world.host->stats().alive, 1u);
    EXPECT_EQ(world.host->stats().parked, 0u);
    world.run();
    EXPECT_EQ(world.result(id), "{}");
}

TEST(parking, ends_at_once_when_it_is_cancelled_and_frees_its_lane) {
    engine_world world(flow_text(call_wait_call), sleeping(0));
    const store::event_id id = world.send("f", "{}", "lane");
    const store::event_id next = world.send("f", "{}", "lane");
    world.run(1'000);
    ASSERT_EQ(world.host->stats().parked, 1u);
    ASSERT_EQ(world.calls.count("app.before"), 1u);
    EXPECT_TRUE(world.host->holds(id));
    EXPECT_TRUE(world.host->cancel(id));
    EXPECT_FALSE(world.host->cancel(id));
    world.run(1'000);
    EXPECT_EQ(world.result(id), "cancelled");
    EXPECT_EQ(world.end_counts[id], 1);
    EXPECT_EQ(world.calls.count("app.before"), 2u) << "the next of the lane has started";
    world.run(2 * hour_ms);
    EXPECT_EQ(world.result(next), "{}");
    EXPECT_EQ(world.calls.count("app.after"), 1u);
}

TEST(parking, loses_no_cancellation_at_any_turn) {
    int parked = 0;
    for (int turns = 0; turns < 60; ++turns) {
        engine_world world(flow_text(call_wait_call), sleeping(0));
        const store::event_id id = world.send("f", "{}");
        const std::int64_t begin = world.clock.unix_ms();
        int made = 0;
        while (made < turns && world.clock.unix_ms() < begin + 1'000 && world.turn())
            ++made;
        parked += static_cast<int>(world.host->stats().parked);
        EXPECT_TRUE(world.host->cancel(id));
        world.run(1'000);
        ASSERT_EQ(world.result(id), "cancelled") << "after " << turns << " turns";
        ASSERT_EQ(world.end_counts[id], 1);
        ASSERT_EQ(world.host->stats().alive + world.host->stats().parked, 0u);
        if (made < turns) break;
    }
    EXPECT_GT(parked, 0);
}

TEST(parking, remembers_a_cancellation_that_the_disk_did_not_take) {
    engine_world world(flow_text(call_wait_call), sleeping(0));
    const store::event_id id = world.send("f", "{}");
    world.run(1'000);
    ASSERT_EQ(world.host->stats().parked, 1u);
    world.disk_fails = true;
    world.host->cancel(id);
    world.run(1'000);
    world.disk_fails = false;
    world.run(200'000);
    EXPECT_EQ(world.result(id), "cancelled");
    EXPECT_EQ(world.calls.count("app.after"), 0u);
}

TEST(parking, keeps_the_time_that_a_flow_or_a_task_is_allowed) {
    const std::pair<const char*, const char*> limits[] = {
        {"      - w: { wait: PT2H }\n", "    timeout: { after: { hours: 1 } }\n"},
        {"      - w: { wait: PT2H, timeout: { after: { hours: 1 } } }\n", ""}};
    for (const auto& [tasks, keys] : limits) {
        engine_world world(flow_text(tasks, keys), sleeping(0));
        const std::int64_t begin = world.clock.unix_ms();
        const store::event_id id = world.send("f", "{}");
        world.run(1'000);
        ASSERT_EQ(world.host->stats().parked, 1u);
        world.run(3 * hour_ms);
        EXPECT_EQ(world.result(id).substr(0, 13), "! 408 timeout");
        EXPECT_EQ(world.execution(id).summary.ended_ms, begin + hour_ms);
    }
}

TEST(parking, keeps_the_deadline_of_the_event) {
    engine_world world(flow_text("      - w: { wait: PT2H }\n"), sleeping(0));
    const std::int64_t begin = world.clock.unix_ms();
    const store::event_id id = world.send("f", "{}", {}, begin + hour_ms);
    world.run(1'000);
    ASSERT_EQ(world.host->stats().parked, 1u);
    world.run(3 * hour_ms);
    EXPECT_EQ(world.execution(id).summary.ended_ms, begin + hour_ms);
}

TEST(parking, survives_the_process) {
    engine_world world(flow_text(call_wait_call), sleeping(0));
    const std::int64_t begin = world.clock.unix_ms();
    const store::event_id id = world.send("f", "{}");
    world.run(1'000);
    ASSERT_EQ(world.host->stats().parked, 1u);
    EXPECT_EQ(world.execution(id).summary.state, store::event_state::waiting);
    EXPECT_EQ(world.execution(id).summary.due_ms, begin + hour_ms);
    world.crash();
    world.clock.advance_ms(60'000);
    world.start();
    world.run(2 * hour_ms);
    EXPECT_EQ(world.result(id), "{}");
    EXPECT_EQ(world.execution(id).summary.ended_ms, begin + hour_ms);
    EXPECT_EQ(world.calls.count("app.before"), 1u);
    EXPECT_EQ(world.calls.count("app.after"), 1u);
}

TEST(parking, survives_a_process_that_dies_at_any_turn) {
    for (int turns = 0; turns < 60; ++turns) {
        engine_world world(flow_text(call_wait_call), sleeping(0));
        const store::event_id id = world.send("f", "{}");
        const bool more = world.turns(turns);
        world.crash();
        world.start();
        world.run(3 * hour_ms);
        ASSERT_EQ(world.result(id), "{}") << "after " << turns << " turns";
        ASSERT_EQ(world.execution(id).steps.size(), 3u);
        if (!more) break;
    }
}

TEST(parking, keeps_the_order_of_a_lane) {
    engine_world world(flow_text(call_wait_call), sleeping(0));
    const std::int64_t begin = world.clock.unix_ms();
    std::vector<store::event_id> all;
    for (int i = 0; i < 3; ++i)
        all.push_back(world.send("f", "{}", "lane"));
    const store::event_id other = world.send("f", "{}", "other lane");
    world.run(1'000);
    EXPECT_EQ(world.calls.count("app.before"), 2u);
    world.run(4 * hour_ms);
    for (std::size_t i = 0; i < all.size(); ++i) {
        EXPECT_EQ(world.execution(all[i]).summary.ended_ms,
                  begin + hour_ms * static_cast<std::int64_t>(i + 1));
    }
    EXPECT_EQ(world.execution(other).summary.ended_ms, begin + hour_ms);
}

TEST(parking, goes_on_with_the_tries_that_were_made) {
    engine_world world(flow_text(R"(
      - t:
          try: [ { send: { call: app.send } } ]
          catch: { retry: { delay: { minutes: 4 }, limit: { attempt: { count: 3 } } } }
)"),
                       sleeping(0));
    world.calls.on("app.send", {{"", base::error_code::unavailable},
                                {"", base::error_code::unavailable},
                                {R"({"ok":true})"}});
    const std::int64_t begin = world.clock.unix_ms();
    const store::event_id id = world.send("f", "{}");
    world.run(1'000);
    EXPECT_EQ(world.host->stats().parked, 1u);
    world.run(hour_ms);
    EXPECT_EQ(world.result(id), R"({"ok":true})");
    EXPECT_EQ(world.calls.count("app.send"), 3u);
    EXPECT_EQ(world.execution(id).summary.ended_ms, begin + 2 * 240'000);
}

// A retry whose wait has no record to count from would begin anew each time.
TEST(parking, never_makes_a_wait_begin_anew) {
    engine_world world(flow_text(R"(
      - t:
          try: [ { s: { if: "${ error }", set: 1 } } ]
          catch: { retry: { delay: { minutes: 4 }, limit: { attempt: { count: 2 } } } }
)"),
                       sleeping(0));
    const std::int64_t begin = world.clock.unix_ms();
    const store::event_id id = world.send("f", "{}");
    world.run(2 * hour_ms);
    EXPECT_EQ(world.result(id).substr(0, 5), "! 400");
    EXPECT_EQ(world.execution(id).summary.ended_ms, begin + 2 * 240'000);
}

TEST(parking, waits_until_all_branches_rest) {
    engine_world world(flow_text(R"(
      - both: { fork: { branches: [ { a: { call: app.slow } }, { b: { wait: PT1H } },
                                    { c: { wait: PT2H } } ] } }
)"),
                       sleeping(0));
    world.calls.hang("app.slow");
    const std::int64_t begin = world.clock.unix_ms();
    const store::event_id id = world.send("f", "{}");
    world.run(60'000);
    EXPECT_EQ(world.host->stats().alive, 1u);
    EXPECT_EQ(world.calls.count("app.slow"), 1u);
    world.calls.answer_from_now_on("app.slow");
    world.crash();
    world.start();
    world.run(1'000);
    EXPECT_EQ(world.host->stats().parked, 1u);
    world.run(3 * hour_ms);
    EXPECT_EQ(world.execution(id).summary.state, store::event_state::succeeded);
    EXPECT_EQ(world.execution(id).summary.ended_ms, begin + 2 * hour_ms);
    EXPECT_EQ(world.calls.count("app.slow"), 2u) << "once in each process";
}

TEST(parking, leaves_listeners_and_parents_in_memory_and_their_children_not) {
    engine_world world(flow_text("      - r: { run: { workflow: { name: child } } }\n", {}, R"(
  child:
    trigger: { call: {} }
    do: [ { w: { wait: PT1H } } ]
  listener:
    trigger: { call: {} }
    do: [ { l: { listen: { to: { one: { with: { type: a } } } } } } ]
  say:
    trigger: { call: {} }
    do: [ { e: { emit: { event: { with: { type: a, data: 1 } } } } } ]
)"),
                       sleeping(0));
    const store::event_id parent = world.send("f", R"({"p":1})");
    const store::event_id listener = world.send("listener", "{}");
    world.run(1'000);
    EXPECT_EQ(world.host->stats().alive, 2u);
    EXPECT_EQ(world.host->stats().parked, 1u);
    world.send("say", "{}");
    world.run(1'000);
    EXPECT_EQ(world.result(listener), "[1]");
    world.run(2 * hour_ms);
    EXPECT_EQ(world.result(parent), R"({"p":1})");
}

TEST(parking, of_a_child_ends_with_its_parent) {
    engine_world world(flow_text("      - r: { run: { workflow: { name: child } } }\n", {}, R"(
  child:
    trigger: { call: {} }
    do: [ { w: { wait: PT1H } } ]
)"),
                       sleeping(0));
    const store::event_id parent = world.send("f", "{}");
    world.run(1'000);
    ASSERT_EQ(world.host->stats().parked, 1u);
    world.host->cancel(parent);
    world.run(1'000);
    EXPECT_EQ(world.result(parent), "cancelled");
    EXPECT_EQ(world.host->stats().cancelled, 2u);
    EXPECT_EQ(world.host->stats().parked, 0u);
}

TEST(parking, spares_whom_somebody_waits_for) {
    engine_world world(flow_text("      - w: { wait: PT1M }\n"), sleeping(0));
    const store::event_id awaited = world.send("f", "{}");
    world.host->keep_in_memory([awaited](store::event_id id) { return id == awaited; });
    const store::event_id other = world.send("f", "{}");
    world.run(1'000);
    EXPECT_EQ(world.host->stats().alive, 1u);
    EXPECT_EQ(world.host->stats().parked, 1u);
    world.run();
    EXPECT_EQ(world.result(awaited), "{}");
    EXPECT_EQ(world.result(other), "{}");
}

TEST(parking, does_not_hold_up_the_end_of_the_host) {
    for (int turns = 0; turns < 60; ++turns) {
        engine_world world(flow_text(call_wait_call), sleeping(0));
        const store::event_id id = world.send("f", "{}");
        const std::int64_t begin = world.clock.unix_ms();
        for (int made = 0; made < turns && world.clock.unix_ms() < begin + 1'000; ++made)
            world.turn();
        bool drained = false;
        const std::int64_t asked = world.clock.unix_ms();
        world.host->drain(0, [&drained] { drained = true; });
        while (!drained && (world.loop.run_one() || world.loop.advance_to_next_timer())) {
        }
        ASSERT_TRUE(drained);
        ASSERT_LE(world.clock.unix_ms(), asked + 1'000);
        world.crash();
        world.start();
        world.run(3 * hour_ms);
        ASSERT_EQ(world.result(id), "{}") << "after " << turns << " turns";
        ASSERT_EQ(world.execution(id).steps.size(), 3u);
    }
}

TEST(parking, goes_on_when_the_disk_fails_meanwhile) {
    for (int turns = 1; turns < 40; ++turns) {
        engine_world world(flow_text(call_wait_call), sleeping(0));
        const store::event_id id = world.send("f", "{}");
        const std::int64_t begin = world.clock.unix_ms();
        for (int made = 0; made < turns && world.clock.unix_ms() < begin + 1'000; ++made)
            world.turn();
        world.disk_fails = true;
        world.run(5'000);
        world.disk_fails = false;
        world.run(3 * hour_ms);
        ASSERT_EQ(world.result(id), "{}") << "after " << turns << " turns";
        ASSERT_EQ(world.execution(id).steps.size(), 3u);
        ASSERT_EQ(world.end_counts[id], 1);
    }
}

}  // namespace
}  // namespace sluice::engine
