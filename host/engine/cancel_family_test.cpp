// Executions that are ended from outside, and what they have started.
#include <gtest/gtest.h>

#include "engine/engine_testing.hpp"

namespace sluice::engine {
namespace {

constexpr const char* manifest = R"(manifest: "1"
integration: { namespace: test, name: cancel, version: 1.0.0 }
connectors: { app: "*" }
flows:
  outer:
    trigger: { webhook: {} }
    do: [ { inner: { run: { workflow: { name: inner } } } } ]
  hasty:
    trigger: { webhook: {} }
    do: [ { inner: { timeout: { after: PT1S }, run: { workflow: { name: inner } } } } ]
  inner:
    trigger: { call: {} }
    do: [ { work: { call: app.work } } ]
  caller:
    trigger: { webhook: {} }
    do:
      - start: { call: flow.start, with: { flow: inner } }
      - tell: { emit: { event: { with: { type: told } } } }
      - wait: { wait: PT1H }
  hears:
    trigger: { event: { one: { with: { type: told } } } }
    do: [ { w: { wait: PT1S } }, { reaction: { call: app.react } } ]
  brief:
    trigger: { webhook: {} }
    record: metadata
    do: [ { work: { call: app.work } } ]
)";

class cancel_family : public testing::Test {
  protected:
    void start(const char* flow, const std::string& lane = {}) {
        world_.calls.hang("app.work");
        id_ = world_.send(flow, "{}", lane);
        for (int i = 0; i < 100 && world_.calls.count("app.work") == 0; ++i)
            world_.run_ready();
        ASSERT_EQ(world_.calls.count("app.work"), 1u);
    }
    std::map<std::string, store::event_state> states() {
        std::map<std::string, store::event_state> out;
        const auto all = world_.store->history({}).value();
        for (const store::execution_summary& one : all)
            out[one.flow] = one.state;
        return out;
    }

    engine_world world_{manifest};
    store::event_id id_ = 0;
};

TEST_F(cancel_family, a_cancelled_execution_takes_its_sub_flows_along) {
    start("outer");
    EXPECT_TRUE(world_.host->cancel(id_));
    world_.run();
    EXPECT_EQ(states(), (std::map<std::string, store::event_state>{
                            {"outer", store::event_state::cancelled},
                            {"inner", store::event_state::cancelled}}));
    EXPECT_FALSE(world_.host->holds(id_));
}

TEST_F(cancel_family, a_flow_that_an_event_has_started_lives_on) {
    start("caller");
    world_.crash();
    world_.start();
    world_.run(100);
    EXPECT_TRUE(world_.host->cancel(id_));
    world_.run();
    EXPECT_EQ(states(), (std::map<std::string, store::event_state>{
                            {"caller", store::event_state::cancelled},
                            {"inner", store::event_state::cancelled},
                            {"hears", store::event_state::succeeded}}));
    EXPECT_EQ(world_.calls.count("app.react"), 1u);
}

TEST_F(cancel_family, a_sub_flow_that_took_too_long_ends_after_its_parent) {
    start("hasty");
    world_.run();
    EXPECT_EQ(states(), (std::map<std::string, store::event_state>{
                            {"hasty", store::event_state::failed},
                            {"inner", store::event_state::cancelled}}));
}

TEST_F(cancel_family, what_has_not_started_ends_with_no_more_than_metadata) {
    start("brief", "lane");
    const store::event_id waiting = world_.send("brief", R"({"name":"Ada"})", "lane");
    EXPECT_TRUE(world_.host->cancel(waiting));
    EXPECT_FALSE(world_.host->cancel(waiting)) << "asked for already";
    EXPECT_TRUE(world_.host->cancel(id_));
    world_.run();
    for (const store::event_id one : {waiting, id_}) {
        EXPECT_EQ(world_.execution(one).summary.state, store::event_state::cancelled);
        EXPECT_EQ(world_.execution(one).payload_json, "");
    }
}

}  // namespace
}  // namespace sluice::engine
