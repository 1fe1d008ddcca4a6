// Crashes at every turn of the loop, and pairs of crashes at random turns: what was recorded is not
// done again, and everything comes out as if nothing had happened. SLUICE_SEED=n repeats one pair.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <set>

#include "engine/engine_testing.hpp"
#include "json/text.hpp"

namespace sluice::engine {
namespace {

const char* const tasks = R"(
      - loop:
          for: { each: n, in: "${ [range(.rounds)] }" }
          do:
            - step: { call: app.step, with: { id: "loop", n: "${ $n }" }, output: { as: "${ {sum: (($input.sum // 0) + .v)} }" } }
      - both:
          fork:
            branches:
              - one: { call: app.branch, with: { id: "one" } }
              - two: { do: [ { w: { wait: PT2S } }, { later: { call: app.branch, with: { id: "two" } } } ] }
      - retried:
          try:
            - before: { call: app.before, with: { id: "before" } }
            - flaky: { call: app.flaky, with: { id: "flaky" } }
          catch: { retry: { delay: { seconds: 1 }, jitter: { from: { seconds: 0 }, to: { seconds: 3 } }, limit: { attempt: { count: 5 } } } }
      - pause: { wait: PT5S }
      - nested: { run: { workflow: { name: child, input: { n: "${ $steps.loop.sum }" } } } }
      - result: { set: "${ {sum: $steps.loop.sum, fork: $steps.both, flaky: $steps.retried, child: .} }" }
)";
const char* const child = R"(
  child:
    trigger: { call: {} }
    do:
      - c1: { call: app.child, with: { id: "c1" } }
      - w: { wait: PT1S }
      - c2: { call: app.child, with: { id: "c2", n: "${ $workflow.input.n }" } }
)";

// The calls of an execution and what became of them.
class crashing_world {
  public:
    crashing_world(int rounds, std::int64_t chunk)
        : world_(flow_text(tasks, {}, child), of(chunk)) {
        world_.calls.answer_with([](const std::string& function, const connector_call& call) {
            const json::value input = json::parse(call.request.input_json).value();
            if (function == "app.flaky" && call.request.attempt < 3) {
                return scripted_calls::reply{"", base::error_code::unavailable};
            }
            return scripted_calls::reply{json::to_text(
                json::value::object({{"v", input.get("n")}, {"id", input.get("id")}}))};
        });
        id_ = world_.send("f", "{\"rounds\":" + std::to_string(rounds) + "}");
    }

    // False when the run ended before.
    bool turn(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            if (!world_.turn()) return false;
        }
        return true;
    }
    std::size_t run() {
        std::size_t turns = 0;
        while (world_.turn())
            ++turns;
        return turns;
    }
    void crash(std::int64_t down_ms) {
        world_.crash();
        world_.clock.advance_ms(down_ms);
        world_.start();
        remember_recorded();
    }
    std::string result() { return world_.result(id_); }

    // The promises, at the end.
    void check() {
        std::map<std::string, std::string> key_of;
        std::set<std::string> keys;
        for (std::size_t i = 0; i < world_.made().size(); ++i) {
            const plugin::call_request& call = world_.made()[i].second.request;
            const auto done = recorded_.find(attempt_of(call.input_json, int(call.attempt)));
            if (done != recorded_.end()) {
                EXPECT_LT(i, done->second) << "made again though recorded: " << done->first;
            }
            const auto [known, first] = key_of.emplace(call.input_json, call.idempotency_key);
            EXPECT_EQ(known->second, call.idempotency_key) << call.input_json;
            keys.insert(call.idempotency_key);
        }
        EXPECT_EQ(keys.size(), key_of.size()) << "two steps with one key";
        const auto all = world_.store->history({});
        ASSERT_TRUE(all);
        EXPECT_EQ(all->size(), 2u) << "a parent and one child";
        for (const store::execution_summary& one : *all) {
            EXPECT_EQ(one.state, store::event_state::succeeded) << one.flow;
            EXPECT_LE(world_.end_counts[one.id], 1) << one.flow;
        }
    }
    std::size_t steps_of_parent() { return world_.execution(id_).steps.size(); }

  private:
    static engine_options of(std::int64_t chunk) {
        engine_options options;
        options.of_each.loop_chunk = chunk;
        options.of_each.tasks_in_a_row = 7;
        return options;
    }
    static std::string attempt_of(const std::string& input, int attempt) {
        return input + '@' + std::to_string(attempt);
    }
    void remember(const std::string& what) { recorded_.emplace(what, world_.made().size()); }
    // What the store holds now must not be done from here on.
    void remember_recorded() {
        const auto all = world_.store->history({});
        ASSERT_TRUE(all);
        for (const store::execution_summary& one : *all) {
            const store::execution_detail found = world_.execution(one.id);
            for (const store::step_record& step : found.steps) {
                if (step.kind == "call") remember(attempt_of(step.input_json, step.attempt));
                if (step.kind != "for") continue;
                const json::value state = json::parse(step.output_json).value();
                for (std::int64_t n = 0; n < state.int_or("rounds", 0); ++n) {
                    remember(attempt_of("{\"id\":\"loop\",\"n\":" + std::to_string(n) + "}", 1));
                }
            }
        }
    }

    engine_world world_;
    store::event_id id_ = 0;
    std::map<std::string, std::size_t> recorded_;  // and the first call after that
};

const char* const expected = R"({"sum":66,"fork":[{"v":null,"id":"one"},{"v":null,"id":"two"}],)"
                             R"("flaky":{"v":null,"id":"flaky"},"child":{"v":66,"id":"c2"}})";

TEST(crashes, at_every_turn_change_nothing) {
    std::size_t turns = 0;
    for (; !testing::Test::HasFailure(); ++turns) {
        SCOPED_TRACE("crash after turn " + std::to_string(turns));
        crashing_world world(12, 5);
        if (!world.turn(turns)) break;
        world.crash(turns % 3 == 0 ? 7'000 : 0);
        world.run();
        EXPECT_EQ(world.result(), expected);
        world.check();
    }
    EXPECT_GT(turns, 50u);
}

void crash_at_random(std::uint64_t seed, int rounds, std::int64_t chunk,
                     const std::string& result) {
    SCOPED_TRACE("repeat with SLUICE_SEED=" + std::to_string(seed));
    base::seeded_random dice(seed);
    crashing_world reference(rounds, chunk);
    const std::size_t turns = reference.run();
    crashing_world world(rounds, chunk);
    for (int crashes = 0; crashes < 2; ++crashes) {
        world.turn(dice.below(turns));
        world.crash(static_cast<std::int64_t>(dice.below(10'000)));
    }
    world.run();
    EXPECT_EQ(world.result(), result);
    world.check();
}

std::uint64_t first_seed() {
    const char* const given = std::getenv("SLUICE_SEED");
    return given != nullptr ? std::strtoull(given, nullptr, 10) : 1;
}
int repetitions(int usual) { return std::getenv("SLUICE_SEED") != nullptr ? 1 : usual; }

TEST(crashes, twice_at_random_turns_change_nothing) {
    for (int i = 0; i < repetitions(60) && !testing::Test::HasFailure(); ++i)
        crash_at_random(first_seed() + static_cast<std::uint64_t>(i), 12, 5, expected);
}

TEST(crashes, in_a_loop_of_many_rounds_change_nothing) {
    const std::string sum = std::to_string(1'200 * 1'199 / 2);
    const std::string result = R"({"sum":)" + sum +
                               R"(,"fork":[{"v":null,"id":"one"},{"v":null,"id":"two"}],)"
                               R"("flaky":{"v":null,"id":"flaky"},"child":{"v":)" +
                               sum + R"(,"id":"c2"}})";
    for (int i = 0; i < repetitions(8) && !testing::Test::HasFailure(); ++i)
        crash_at_random(first_seed() + static_cast<std::uint64_t>(i), 1'200, 100, result);
}

}  // namespace
}  // namespace sluice::engine
