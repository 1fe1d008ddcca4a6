#include "instance/lifecycle.hpp"

#include <gtest/gtest.h>

#include <set>

#include "engine/engine_testing.hpp"
#include "json/text.hpp"
#include "manifest/load.hpp"

namespace sluice::instance {
namespace {

using texts = std::vector<std::string>;

// One instance "one" in an engine whose process can be killed.
class lifecycle_test : public testing::Test {
  protected:
    static std::string manifest(const std::string& release = "1.0.0") {
        std::string text = engine::flow_text("      - a: { set: 1 }\n", {}, R"(  up:
    trigger: { deploy: {} }
    do: [ { make: { call: app.make, with: { told: "${ $trigger }" } } } ]
  upToo:
    trigger: { deploy: {} }
    do: [ { tell: { call: app.tell } }, { again: { call: app.tellMore } } ]
  down:
    trigger: { undeploy: {} }
    do: [ { drop: { call: app.drop, with: { told: "${ $trigger }" } } } ]
)");
        const std::string before = "version: 1.0.0";
        return text.replace(text.find(before), before.size(), "version: " + release);
    }
    static std::string without_lifecycle() { return engine::flow_text("      - a: { set: 1 }\n"); }

    // The host starts (again) with the instance in this form.
    void serve(const std::string& fingerprint, bool remove = false,
               const std::string& text = manifest()) {
        if (!world_) {
            world_ = std::make_unique<engine::engine_world>(text);
        } else {
            crash();
            world_->deploy(text);
            world_->start();
        }
        auto loaded = manifest::parse_integration(text, "test");
        ASSERT_TRUE(loaded.content) << loaded.problems.front().to_text();
        integration_ = std::make_shared<const manifest::integration>(std::move(*loaded.content));
        wanted_ = {"one", "acme", fingerprint, remove, {}};
        for (const manifest::flow& flow : integration_->flows) {
            auto bound = std::make_shared<engine::bound_flow>(*world_->settings);
            bound->instance = "one";
            bound->flow = &flow;
            bound->integration = integration_;
            wanted_.flows.push_back(std::move(bound));
        }
        begin();
    }
    void begin() {
        const auto inline_work = [](const std::function<void()>& work) { work(); };
        running_ = std::make_unique<lifecycle>(lifecycle_ports{
            world_->loop, world_->clock, world_->ids, *world_->store, inline_work,
            [this](const store::new_event& event, json::value payload) {
                world_->host->accept(event, event.id, std::move(payload));
            },
            [this](const std::string& name, store::config_change record, auto finished) {
                forgotten_.push_back(name);
                world_->store->change_config({std::move(record)}, std::move(finished));
            },
            [this](const std::string& name, const deployment_record& now) {
                told_.push_back(name + ' ' + to_string(now.state));
            }});
        world_->host->observe_ends([this](store::event_id id, const engine::end_of_execution& end) {
            running_->on_end(id, end);
        });
        const auto started = running_->start({wanted_});
        ASSERT_TRUE(started) << started.error_value().to_text();
    }
    void crash() {
        running_.reset();
        world_->crash();
    }
    // The same program with the same arguments.
    void restart() {
        crash();
        world_->start();
        begin();
    }
    void anew() {
        running_.reset();
        world_.reset();
        forgotten_.clear();
    }
    void settle() {
        while (world_->run_ready(), world_->loop.run_one()) {
        }
    }
    void serve_to_the_end(const std::string& fingerprint, bool remove = false,
                          const std::string& text = manifest()) {
        serve(fingerprint, remove, text);
        settle();
    }

    deployment_record stored() {
        auto found = read_deployments(*world_->store);
        EXPECT_TRUE(found && found->contains("one"));
        return found && found->contains("one") ? found->at("one") : deployment_record{};
    }
    std::string state() { return to_string(stored().state); }
    // Effects of calls: those of one idempotency key are one.
    std::size_t effects(const std::string& function) {
        std::set<std::string> keys;
        for (const auto& [name, call] : world_->made()) {
            if (name == function) keys.insert(call.request.idempotency_key);
        }
        return keys.size();
    }
    std::size_t executions() {
        store::history_filter all;
        all.limit = 1000;
        return world_->store->history(all)->size();
    }
    // What the newest call of it was given.
    std::string told(const std::string& function) {
        std::string out;
        for (const auto& [name, call] : world_->made()) {
            if (name != function) continue;
            out = json::to_text(json::parse(call.request.input_json).value().get("told"));
        }
        return out;
    }

    std::unique_ptr<engine::engine_world> world_;
    std::shared_ptr<const manifest::integration> integration_;
    wanted_deployment wanted_;
    std::unique_ptr<lifecycle> running_;
    texts told_;
    texts forgotten_;
};

TEST_F(lifecycle_test, a_new_instance_runs_its_deploy_flows_once) {
    serve_to_the_end("f1");
    EXPECT_EQ(state(), "deployed");
    EXPECT_EQ(told_, texts{"one deployed"});
    EXPECT_EQ(told("app.make"), R"({"reason":"new","previousVersion":null})");
    restart();
    settle();
    EXPECT_EQ(executions(), 2u);
    EXPECT_EQ(world_->calls.count("app.make"), 1u);
    EXPECT_EQ(world_->calls.count("app.drop"), 0u);
    const deployment_record record = stored();
    EXPECT_EQ(record.integration, "test/engine");
    EXPECT_EQ(record.version, integration_->hash);
    ASSERT_EQ(record.runs.size(), 2u);
    EXPECT_EQ(record.runs[0].state, "succeeded");
    EXPECT_TRUE(world_->store->execution(record.runs[0].execution));
}

TEST_F(lifecycle_test, an_instance_without_such_flows_is_deployed_at_once) {
    serve_to_the_end("f1", false, without_lifecycle());
    EXPECT_EQ(state(), "deployed");
    EXPECT_EQ(executions(), 0u);
}

TEST_F(lifecycle_test, a_changed_one_runs_them_again_and_hears_what_was_before) {
    serve_to_the_end("f1");
    serve_to_the_end("f2", false, manifest("1.1.0"));
    EXPECT_EQ(state(), "deployed");
    EXPECT_EQ(told("app.make"), R"({"reason":"changed","previousVersion":"1.0.0"})");
    EXPECT_EQ(effects("app.make"), 2u);
}

TEST_F(lifecycle_test, what_failed_is_tried_again_at_the_next_start_and_nothing_else) {
    serve("f1");
    world_->calls.on("app.tell", {{"", base::error_code::unavailable}, {"{}"}});
    settle();
    EXPECT_EQ(state(), "failed");
    EXPECT_NE(stored().error.find("upToo: "), std::string::npos) << stored().error;
    restart();
    settle();
    EXPECT_EQ(state(), "deployed");
    EXPECT_EQ(stored().error, "");
    EXPECT_EQ(stored().attempt, 2);
    EXPECT_EQ(stored().reason, "retry");
    EXPECT_EQ(effects("app.tell"), 2u);
    EXPECT_EQ(effects("app.make"), 1u) << "it had ended well";
}

TEST_F(lifecycle_test, a_kill_at_any_turn_makes_each_call_once) {
    for (int turns = 0; turns < 60; ++turns) {
        SCOPED_TRACE(turns);
        anew();
        serve("f1");
        for (int i = 0; i < turns; ++i)
            world_->loop.run_one();
        restart();
        settle();
        EXPECT_EQ(state(), "deployed");
        EXPECT_EQ(executions(), 2u);
        for (const char* function : {"app.make", "app.tell", "app.tellMore"})
            EXPECT_EQ(effects(function), 1u) << function;
    }
}

TEST_F(lifecycle_test, kills_again_and_again_make_each_call_once) {
    for (int turns = 5; turns < 12; ++turns) {
        SCOPED_TRACE(turns);
        anew();
        serve("f1");
        for (int kills = 0; kills < 40; ++kills) {
            for (int i = 0; i < turns; ++i)
                world_->loop.run_one();
            restart();
        }
        settle();
        EXPECT_EQ(state(), "deployed");
        EXPECT_EQ(executions(), 2u);
        for (const char* function : {"app.make", "app.tell", "app.tellMore"})
            EXPECT_EQ(effects(function), 1u) << function;
    }
}

TEST_F(lifecycle_test, a_change_waits_for_what_is_under_way) {
    serve("f1");
    world_->calls.hang("app.make");
    settle();
    EXPECT_EQ(state(), "deploying");
    serve_to_the_end("f2");
    EXPECT_EQ(stored().fingerprint, "f1") << "the call hangs again";
    crash();
    world_->calls.answer_from_now_on("app.make");
    world_->start();
    begin();
    settle();
    EXPECT_EQ(state(), "deployed");
    EXPECT_EQ(stored().fingerprint, "f2");
    EXPECT_EQ(effects("app.make"), 2u);
}

TEST_F(lifecycle_test, removing_runs_the_undeploy_flows_and_forgets) {
    serve_to_the_end("f1");
    serve_to_the_end("f1", true);
    EXPECT_EQ(state(), "removed");
    EXPECT_EQ(told("app.drop"), R"({"reason":"removed"})");
    EXPECT_EQ(forgotten_, texts{"one"});
    EXPECT_EQ(executions(), 3u);
}

TEST_F(lifecycle_test, a_kill_at_any_turn_of_a_removal_drops_once) {
    for (int turns = 0; turns < 40; ++turns) {
        SCOPED_TRACE(turns);
        anew();
        serve_to_the_end("f1");
        serve("f1", true);
        for (int i = 0; i < turns; ++i)
            world_->loop.run_one();
        crash();
        world_->start();
        // What is removed is not named any more at the next start.
        if (stored().state != deployment_record::state_kind::removed) begin();
        settle();
        EXPECT_EQ(state(), "removed");
        EXPECT_EQ(effects("app.drop"), 1u);
        EXPECT_EQ(executions(), 3u);
        EXPECT_FALSE(forgotten_.empty());
    }
}

TEST_F(lifecycle_test, a_removal_that_failed_is_tried_again) {
    serve_to_the_end("f1");
    serve("f1", true);
    world_->calls.on("app.drop", {{"", base::error_code::unavailable}, {"{}"}});
    settle();
    EXPECT_EQ(state(), "failed");
    EXPECT_TRUE(stored().removing);
    EXPECT_TRUE(forgotten_.empty());
    restart();
    settle();
    EXPECT_EQ(state(), "removed");
    EXPECT_EQ(told("app.drop"), R"({"reason":"retry"})");
}

TEST_F(lifecycle_test, a_removed_one_that_comes_again_is_new) {
    serve_to_the_end("f1");
    serve_to_the_end("f1", true);
    serve_to_the_end("f1");
    EXPECT_EQ(state(), "deployed");
    EXPECT_EQ(told("app.make"), R"({"reason":"new","previousVersion":null})");
    EXPECT_EQ(effects("app.make"), 2u);
}

TEST_F(lifecycle_test, an_event_that_is_not_accepted_is_a_failure_that_is_tried_again) {
    world_ = std::make_unique<engine::engine_world>(manifest());
    world_->disk_fails = true;
    serve_to_the_end("f1");
    EXPECT_EQ(state(), "failed");
    world_->disk_fails = false;
    restart();
    settle();
    EXPECT_EQ(state(), "deployed");
    EXPECT_EQ(effects("app.make"), 1u);
}

}  // namespace
}  // namespace sluice::instance
