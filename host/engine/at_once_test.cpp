// Events that become durable together with what comes of them: whatever goes wrong on the way, the
// sender is never told something else than what the store holds.
#include <gtest/gtest.h>

#include <optional>

#include "engine/engine_testing.hpp"

namespace sluice::engine {
namespace {

constexpr const char* tasks = R"(
      - a: { set: { x: "${ .n }" } }
      - b: { set: { x: "${ .x + 1 }" } }
      - c: { set: { x: "${ .x + 1 }" } }
      - d: { set: { x: "${ .x + 1 }" } }
      - e: { set: { x: "${ .x + 1 }" } }
)";
constexpr const char* expected = R"({"x":5})";

engine_options breathing_after(int tasks_in_a_row) {
    engine_options out;
    out.of_each.tasks_in_a_row = tasks_in_a_row;
    return out;
}

class at_once : public testing::TestWithParam<int> {
  protected:
    using told = std::shared_ptr<std::optional<end_of_execution>>;

    told send(engine_world& world) {
        auto out = std::make_shared<std::optional<end_of_execution>>();
        id_ = world.send_at_once("f", R"({"n":1})",
                                 [out](const end_of_execution& end) { *out = end; });
        return out;
    }
    static bool turns(engine_world& world, int count) {
        for (int i = 0; i < count; ++i) {
            if (!world.loop.run_one()) return false;
        }
        return true;
    }
    static std::size_t stored(engine_world& world) {
        return world.store->history({}).value().size();
    }

    store::event_id id_ = 0;
};

TEST_P(at_once, a_crash_at_any_turn_leaves_what_the_sender_was_told) {
    bool whole = false;
    int answered = 0;
    for (int count = 0; !whole; ++count) {
        SCOPED_TRACE("crash after turn " + std::to_string(count));
        engine_world world(flow_text(tasks), breathing_after(GetParam()));
        const told end = send(world);
        whole = !turns(world, count);
        world.crash();
        world.start();
        world.run();
        if (*end) {
            ++answered;
            EXPECT_EQ((*end)->how, end_of_execution::kind::succeeded);
            EXPECT_EQ(stored(world), 1u) << "told, and not in the store";
        }
        if (stored(world) == 0) continue;
        EXPECT_EQ(world.result(id_), expected);
        EXPECT_EQ(world.execution(id_).steps.size(), 5u);
    }
    EXPECT_GT(answered, 0);
}

TEST_P(at_once, a_disk_that_refuses_at_any_turn_leaves_nothing_of_what_was_refused) {
    int refused = 0;
    for (int count = 0;; ++count) {
        SCOPED_TRACE("the disk fails after turn " + std::to_string(count));
        engine_world world(flow_text(tasks), breathing_after(GetParam()));
        const told end = send(world);
        const bool more = turns(world, count);
        world.disk_fails = true;
        while (world.loop.run_one()) {
        }
        world.disk_fails = false;
        ASSERT_TRUE(*end) << "never told";
        if ((*end)->how == end_of_execution::kind::abandoned) {
            ++refused;
            EXPECT_EQ(stored(world), 0u) << "refused, and yet in the store";
        } else {
            EXPECT_EQ(world.result(id_), expected);
        }
        if (!more) break;
    }
    EXPECT_GT(refused, 0);
}

TEST_P(at_once, a_drain_that_ends_at_any_turn_leaves_nothing_of_what_was_refused) {
    for (int count = 0;; ++count) {
        SCOPED_TRACE("drained after turn " + std::to_string(count));
        engine_world world(flow_text(tasks), breathing_after(GetParam()));
        const told end = send(world);
        const bool more = turns(world, count);
        bool drained = false;
        world.host->drain(0, [&drained] { drained = true; });
        world.loop.advance_to_next_timer();  // its deadline comes first
        while (!drained && (world.loop.run_one() || world.loop.advance_to_next_timer())) {
        }
        EXPECT_TRUE(drained);
        ASSERT_TRUE(*end) << "never told";
        if ((*end)->how == end_of_execution::kind::abandoned) {
            EXPECT_EQ(stored(world), 0u) << "refused, and yet in the store";
        } else {
            EXPECT_EQ(world.result(id_), expected);
        }
        if (!more) break;
    }
}

INSTANTIATE_TEST_SUITE_P(in_one_go_and_in_pieces, at_once, testing::Values(500, 2));

}  // namespace
}  // namespace sluice::engine
