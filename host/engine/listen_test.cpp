// emit, listen and event triggers.
#include <gtest/gtest.h>

#include "engine/engine_testing.hpp"

namespace sluice::engine {
namespace {

// A flow "f" that listens, and "say", which emits {type, data} of its payload.
std::string listening(const std::string& listen) {
    return flow_text("      - l: " + listen + "\n", {}, R"(
  say:
    trigger: { webhook: { respond: { mode: accepted } } }
    do:
      - e: { emit: { event: { with: { type: "${ .type }", data: "${ .data }" } } } }
)");
}

class listen_test : public testing::Test {
  protected:
    // Starts the listener, emits, and gives what it put out; "waits" when it still does.
    std::string hear(const std::string& listen, const std::vector<std::string>& events,
                     bool crash_between = false) {
        engine_world world(listening(listen));
        const store::event_id id = world.send("f", R"({"order":7})");
        world.run(200);
        for (const std::string& one : events) {
            world.send("say", one);
            world.run(200);
            if (crash_between) {
                world.crash();
                world.clock.advance_ms(1'000);
                world.start();
                world.run(200);
            }
        }
        world.run(1'000);
        if (world.ends.count(id) == 0) return "waits";
        return world.result(id);
    }
};

const char* const a1 = R"({"type":"a","data":{"n":1}})";
const char* const a2 = R"({"type":"a","data":{"n":2}})";
const char* const b1 = R"({"type":"b","data":{"n":9}})";

TEST_F(listen_test, one_takes_the_first_that_fits) {
    EXPECT_EQ(hear("{ listen: { to: { one: { with: { type: a } } } } }", {b1, a1, a2}),
              R"([{"n":1}])");
    EXPECT_EQ(hear("{ listen: { to: { one: { with: { type: a } } } } }", {b1}), "waits");
}

TEST_F(listen_test, all_takes_one_for_each_filter) {
    const char* const all =
        "{ listen: { to: { all: [ { with: { type: a } }, { with: { type: b } } ] } } }";
    EXPECT_EQ(hear(all, {a1, a2}), "waits");
    EXPECT_EQ(hear(all, {a1, a2, b1}), R"([{"n":1},{"n":9}])");
    EXPECT_EQ(hear(all, {a1, a2, b1}, true), R"([{"n":1},{"n":9}])");
}

TEST_F(listen_test, any_goes_on_until_something) {
    EXPECT_EQ(hear("{ listen: { to: { any: [ { with: { type: a } } ] } } }", {b1, a1}),
              R"([{"n":1}])");
    EXPECT_EQ(hear("{ listen: { to: { any: [], until: length == 2 } } }", {b1, a1, a2}),
              R"([{"n":9},{"n":1}])");
    const char* const until =
        "{ listen: { to: { any: [ { with: { type: a } } ], until: { one: { with: { type: b } } } } "
        "} }";
    EXPECT_EQ(hear(until, {a1, a2, b1, a1}), R"([{"n":1},{"n":2}])");
    EXPECT_EQ(hear(until, {a1, a2, b1, a1}, true), R"([{"n":1},{"n":2}])");
    EXPECT_EQ(hear("{ listen: { to: { any: [], until: false } } }", {a1, b1}), "waits");
}

TEST_F(listen_test, correlates_with_the_input_and_with_the_first_event) {
    EXPECT_EQ(hear("{ listen: { to: { one: { with: { type: a }, correlate: { o: { from: .data.n, "
                   "expect: \"${ .order - 5 }\" } } } } } }",
                   {a1, a2}),
              R"([{"n":2}])");
    const char* const same =
        "{ listen: { to: { all: [ { with: { type: a }, correlate: { k: { from: .data.n } } }, "
        "{ with: { type: b }, correlate: { k: { from: .data.n } } } ] } } }";
    EXPECT_EQ(hear(same, {a1, b1}), "waits");
    EXPECT_EQ(hear(same, {a1, b1, R"({"type":"b","data":{"n":1}})"}, true), R"([{"n":1},{"n":1}])");
}

TEST_F(listen_test, is_ended_by_one_of_several_events_or_by_all_of_them) {
    const auto ended_by = [](const char* events) {
        return std::string("{ listen: { to: { any: [ { with: { type: a } } ], until: ") + events +
               " } } }";
    };
    const char* const c1 = R"({"type":"c","data":{"n":5}})";
    const std::string any = ended_by("{ any: [ { with: { type: b } }, { with: { type: c } } ] }");
    EXPECT_EQ(hear(any.c_str(), {a1, c1, a2}), R"([{"n":1}])");
    const std::string all = ended_by("{ all: [ { with: { type: b } }, { with: { type: c } } ] }");
    for (const bool crash : {false, true}) {
        EXPECT_EQ(hear(all.c_str(), {a1, c1, a2, b1, a1}, crash), R"([{"n":1},{"n":2}])");
        EXPECT_EQ(hear(all.c_str(), {a1, c1, c1}, crash), "waits");
    }
    EXPECT_EQ(hear(ended_by("{ any: [] }").c_str(), {c1, a1}), "[]");
}

TEST_F(listen_test, what_is_made_of_an_event_has_to_fit_its_schema) {
    const char* const checked = R"({ listen: { to: { any: [], until: length == 2 } },
            foreach: { item: event, do: [ { c: { set: "${ $event.n }" } } ],
                       output: { schema: { document: { type: integer, maximum: 1 } } } } })";
    EXPECT_EQ(hear(checked, {a1, a2}), "! 400 validation at /do/0/l");
}

TEST_F(listen_test, runs_tasks_for_each_event_once_also_across_crashes) {
    const char* const each = R"({ listen: { to: { any: [], until: length == 3 } },
            foreach: { item: event, at: i, do: [ { c: { call: app.c, with: { n: "${ $event.n }" }, output: { as: "${ [$i, $event.n] }" } } } ] } })";
    for (const bool crash : {false, true}) {
        engine_world world(listening(each));
        const store::event_id id = world.send("f", "{}");
        world.run(200);
        for (const char* one : {a1, a2, b1}) {
            world.send("say", one);
            world.run(200);
            if (!crash) continue;
            world.crash();
            world.start();
            world.run(200);
        }
        EXPECT_EQ(world.result(id), "[[0,1],[1,2],[2,9]]");
        EXPECT_EQ(world.calls.count("app.c"), 3u);
    }
}

TEST_F(listen_test, has_its_limits_of_time_and_wakes_at_once_after_a_restart) {
    const char* const timed =
        "{ listen: { to: { one: { with: { type: a } } } }, timeout: { after: { minutes: 10 } } }";
    engine_world world(listening(timed));
    const store::event_id id = world.send("f", "{}");
    world.run(1'000);
    world.crash();
    world.start();
    const store::event_id say = world.send("say", a1);
    world.run(5'000);
    EXPECT_EQ(world.ends.count(say), 1u);
    EXPECT_EQ(world.result(id), R"([{"n":1}])") << "not only when the timeout is due";

    engine_world late(listening(timed));
    const std::int64_t begin = late.clock.unix_ms();
    const store::event_id lonely = late.send("f", "{}");
    late.run();
    EXPECT_EQ(late.result(lonely), "! 408 timeout at /do/0/l");
    EXPECT_EQ(late.execution(lonely).summary.ended_ms, begin + 600'000);
}

TEST_F(listen_test, that_is_told_twice_while_it_asks_for_a_permit_runs_once) {
    engine_options one;
    one.limit.running = 1;
    engine_world world(flow_text(R"(
      - l: { listen: { to: { any: [], until: length == 2 } } }
      - w: { wait: PT5S }
      - c: { call: app.after, output: { as: "${ $input }" } }
)",
                                 {}, R"(
  say:
    trigger: { webhook: { respond: { mode: accepted } } }
    do:
      - e1: { emit: { event: { with: { type: a, data: 1 } } } }
      - e2: { emit: { event: { with: { type: a, data: 2 } } } }
      - hold: { call: app.hold }
)"),
                       one);
    const store::event_id id = world.send("f", "{}");
    world.run(200);
    world.calls.hang("app.hold");
    world.send("say", "{}");
    world.run(1'000);  // "say" has the only permit
    EXPECT_EQ(world.calls.count("app.after"), 0u);
    world.calls.cancel(1);
    world.run(2'000);
    EXPECT_EQ(world.host->stats().running, 0u) << "the listener sleeps in its wait";
    world.run();
    EXPECT_EQ(world.result(id), "[1,2]");
}

TEST(events, start_the_flows_that_want_them_exactly_when_they_are_emitted) {
    engine_world world(flow_text(R"(
      - e: { emit: { event: { with: { type: shop.order, data: { n: "${ .n }" } } } } }
      - hold: { call: app.hold }
)",
                                 {}, R"(
  wants:
    trigger: { event: { one: { with: { type: shop.order, data: "${ .data.n > 1 }" } } } }
    do: [ { c: { call: app.got, with: { n: "${ .data.n }", source: "${ .source }" } } } ]
  other:
    trigger: { event: { one: { with: { type: shop.other } } } }
    do: [ { c: { call: app.wrong } } ]
)"));
    world.calls.hang("app.hold");
    world.send("f", R"({"n":1})");
    world.send("f", R"({"n":2})");
    world.run(1'000);
    for (int i = 0; i < 3; ++i) {
        world.crash();
        world.start();
        world.run(1'000);
    }
    EXPECT_EQ(world.calls.count("app.wrong"), 0u);
    ASSERT_EQ(world.calls.count("app.got"), 1u);
    for (const auto& [name, call] : world.made()) {
        if (name == "app.got") {
            EXPECT_EQ(call.request.input_json, R"({"n":2,"source":"sluice:test/engine/f"})");
        }
    }
}

}  // namespace
}  // namespace sluice::engine
