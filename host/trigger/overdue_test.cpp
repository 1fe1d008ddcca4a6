#include "trigger/overdue.hpp"

#include <gtest/gtest.h>

#include "engine/alerts.hpp"
#include "engine/engine_testing.hpp"
#include "json/text.hpp"
#include "manifest/load.hpp"

namespace sluice::trigger {
namespace {

constexpr std::int64_t minute = 60'000;

std::string manifest_with(const std::string& alerts) {
    return R"(manifest: "1"
integration: { namespace: test, name: jobs, version: 1.0.0 }
connectors: { app: "*" }
flows:
  nightly: { trigger: { webhook: {} }, do: [ { work: { call: app.work } } ] }
  other: { trigger: { webhook: {} }, do: [ { work: { call: app.other } } ] }
alerts:
)" + alerts;
}
const std::string late =
    "  late: { on: { overdue: { after: PT1H } }, flows: [ nightly ], url: \"http://ops\" }\n";
const std::string later =
    "  later: { on: { overdue: { after: PT3H } }, flows: [ nightly ], url: \"http://ops\" }\n";

// One instance whose process can be killed, on a clock that the test moves.
class overdue_test : public testing::Test {
  protected:
    void SetUp() override { begin(); }
    void begin() {
        writer_ = std::make_unique<engine::alert_writer>(
            engine::alert_writer_ports{world_.loop, *world_.store, world_.host->alerts(),
                                       [this](const store::new_event& event, json::value payload) {
                                           world_.host->accept(event, event.id, std::move(payload));
                                       }});
        running_ = std::make_unique<overdue>(
            overdue_ports{world_.loop, world_.clock, world_.ids, *world_.store, *writer_});
        world_.host->observe_ends([this](store::event_id id, const engine::end_of_execution& end) {
            if (end.how != engine::end_of_execution::kind::succeeded) return;
            const std::string flow = world_.execution(id).summary.flow;
            if (hold_) {
                held_.push_back(flow);
            } else {
                running_->on_success("one", flow);
            }
        });
        std::vector<std::string> raised;
        for (const store::config_record& one : records())
            raised.push_back(one.key);
        const auto started = running_->start(paused_ ? overdue::flow_list() : flows(), raised);
        ASSERT_TRUE(started) << started.error_value().to_text();
        settle();
    }
    void restart_after(std::int64_t down_ms) {
        running_.reset();
        writer_.reset();
        world_.crash();
        world_.clock.advance_ms(down_ms);
        world_.start();
        begin();
    }
    overdue::flow_list flows() {
        auto loaded = manifest::parse_integration(manifest_with(alerts_), "test");
        EXPECT_TRUE(loaded.content);
        auto shared = std::make_shared<const manifest::integration>(std::move(*loaded.content));
        overdue::flow_list out;
        for (const manifest::flow& each : shared->flows) {
            auto bound = std::make_shared<engine::bound_flow>(*world_.settings);
            bound->instance = "one";
            bound->flow = &each;
            bound->integration = shared;
            out.push_back(bound);
        }
        return out;
    }
    void pause() {
        paused_ = true;
        running_->replace({"one"}, {});
    }
    void resume() {
        paused_ = false;
        running_->replace({"one"}, flows());
    }
    void upgrade(const std::string& alerts) {
        alerts_ = alerts;
        world_.upgrade(manifest_with(alerts));
        running_->replace({"one"}, flows());
    }
    void pass(std::int64_t ms) {
        settle();
        for (std::int64_t left = ms; left > 0; left -= 1000) {
            world_.loop.advance_ms(1000);
            settle();
        }
    }
    void settle() {
        while (world_.loop.run_ready() > 0) {
        }
    }
    void succeed(const char* flow = "nightly") {
        world_.send(flow, "{}");
        settle();
    }
    std::vector<store::config_record> records() {
        return world_.store->config(store::alert_kind).value();
    }
    // "alert state" of each message, in order.
    std::string told() {
        std::string out;
        for (const net::client_request& one : world_.http.requests) {
            const json::value body = json::parse(one.body).value();
            out += (out.empty() ? "" : ", ") + body.string_or("alert", "?") + ' ' +
                   body.string_or("state", "?");
        }
        return out;
    }

    std::string alerts_ = late;
    bool paused_ = false;
    bool hold_ = false;  // successes are not heard of yet
    std::vector<std::string> held_;
    engine::engine_world world_{manifest_with(late)};
    std::unique_ptr<engine::alert_writer> writer_;
    std::unique_ptr<overdue> running_;
};

TEST_F(overdue_test, a_flow_that_never_succeeds_is_told_once_when_its_time_is_over) {
    const std::string began = base::to_rfc3339(world_.clock.unix_ms());
    pass(59 * minute);
    EXPECT_EQ(told(), "");
    pass(minute);
    ASSERT_EQ(told(), "late raised");
    const json::value body = json::parse(world_.http.requests[0].body).value();
    EXPECT_EQ(body.string_or("kind", ""), "overdue");
    EXPECT_EQ(body.string_or("flow", ""), "nightly");
    EXPECT_EQ(body.find("execution"), nullptr);
    EXPECT_EQ(body.get("error").string_or("detail", ""),
              "no execution of nightly has succeeded since " + began);
    pass(5 * 60 * minute);
    EXPECT_EQ(told(), "late raised");
    ASSERT_EQ(records().size(), 1u);
    EXPECT_EQ(json::parse(records()[0].value_json)->int_or("count", 0), 1);
}

TEST_F(overdue_test, each_success_gives_it_its_whole_time_again) {
    for (int i = 0; i < 4; ++i) {
        pass(50 * minute);
        succeed();
    }
    succeed("other");
    pass(59 * minute);
    EXPECT_EQ(told(), "");
    pass(minute);
    EXPECT_EQ(told(), "late raised");
}

TEST_F(overdue_test, a_failure_is_no_success) {
    pass(50 * minute);
    world_.calls.on("app.work", {{"", base::error_code::not_found}, {"{}"}});
    succeed();
    pass(10 * minute);
    EXPECT_EQ(told(), "late raised");
    succeed();
    EXPECT_EQ(told(), "late raised, late cleared");
    EXPECT_TRUE(records().empty());
    pass(60 * minute);
    EXPECT_EQ(told(), "late raised, late cleared, late raised");
}

TEST_F(overdue_test, the_last_success_counts_over_a_restart) {
    pass(10 * minute);
    succeed();
    restart_after(30 * minute);
    pass(29 * minute);
    EXPECT_EQ(told(), "");
    pass(minute);
    EXPECT_EQ(told(), "late raised");
    restart_after(1000);
    pass(120 * minute);
    EXPECT_EQ(told(), "late raised") << "it is raised already";
    EXPECT_EQ(json::parse(records().at(0).value_json)->int_or("count", 0), 1);
}

TEST_F(overdue_test, a_host_that_was_down_lets_what_is_due_run_first) {
    restart_after(3 * 60 * minute);
    pass(minute / 2);
    succeed();
    pass(59 * minute);
    EXPECT_EQ(told(), "");
    restart_after(3 * 60 * minute);
    pass(minute);
    EXPECT_EQ(told(), "late raised");
}

TEST_F(overdue_test, nobody_waits_while_the_instance_is_paused_and_then_from_the_start) {
    pass(50 * minute);
    pause();
    pass(60 * minute);
    restart_after(60 * minute);
    pass(60 * minute);
    EXPECT_EQ(told(), "");
    resume();
    pass(59 * minute);
    EXPECT_EQ(told(), "");
    restart_after(1000);
    pass(59 * minute);
    EXPECT_EQ(told(), "late raised") << "since it was resumed, over a restart, too";
}

TEST_F(overdue_test, follows_the_version_that_runs_now) {
    pass(50 * minute);
    upgrade(late + later);
    pass(10 * minute);
    EXPECT_EQ(told(), "late raised") << "the time of an alert that stays goes on";
    pass(169 * minute);
    EXPECT_EQ(told(), "late raised");
    pass(minute);
    EXPECT_EQ(told(), "late raised, later raised") << "a new one has all its time from then on";
    succeed();
    EXPECT_EQ(told(), "late raised, later raised, late cleared, later cleared");
    upgrade("  other: { on: failure, url: \"http://ops\" }\n");
    pass(300 * minute);
    EXPECT_EQ(world_.http.requests.size(), 4u);
}

TEST_F(overdue_test, a_disk_that_takes_nothing_is_tried_again) {
    world_.disk_fails = true;
    pass(62 * minute);
    EXPECT_EQ(told(), "");
    world_.disk_fails = false;
    pass(6'000);
    EXPECT_EQ(told(), "late raised");
}

TEST_F(overdue_test, one_that_comes_back_with_a_start_has_all_its_time) {
    pass(50 * minute);
    pause();
    settle();
    paused_ = false;
    restart_after(60 * minute);
    pass(59 * minute);
    EXPECT_EQ(told(), "");
    pass(minute);
    EXPECT_EQ(told(), "late raised");
}

TEST_F(overdue_test, a_success_that_is_heard_of_only_after_the_alert_clears_it) {
    pass(60 * minute - 1000);
    hold_ = true;
    succeed();
    EXPECT_EQ(held_, std::vector<std::string>{"nightly"}) << "its end found nothing to clear";
    pass(2000);
    EXPECT_EQ(told(), "late raised");
    running_->on_success("one", held_.front());
    settle();
    EXPECT_EQ(told(), "late raised, late cleared");
    EXPECT_TRUE(records().empty());
}

TEST_F(overdue_test, a_flow_that_nobody_waited_for_meanwhile_has_all_its_time) {
    pass(10 * minute);
    succeed();
    alerts_ = "  other: { on: failure, url: \"http://ops\" }\n";
    restart_after(60 * minute);
    alerts_ = late;
    restart_after(60 * minute);
    pass(59 * minute);
    EXPECT_EQ(told(), "");
    pass(minute);
    EXPECT_EQ(told(), "late raised");
}

TEST_F(overdue_test, nothing_stays_raised_about_what_is_paused) {
    pass(60 * minute);
    ASSERT_EQ(records().size(), 1u);
    pause();
    settle();
    EXPECT_TRUE(records().empty());
    resume();
    pass(60 * minute);
    EXPECT_EQ(told(), "late raised, late raised") << "nobody is told of the pause";
}

TEST_F(overdue_test, a_success_that_a_clock_set_back_puts_into_the_future_counts_as_now) {
    pass(50 * minute);
    succeed();
    restart_after(-45 * minute);
    pass(59 * minute);
    EXPECT_EQ(told(), "");
    pass(2 * minute);
    EXPECT_EQ(told(), "late raised");
}

TEST_F(overdue_test, stops_when_it_is_told_to) {
    running_->stop();
    pass(120 * minute);
    EXPECT_EQ(told(), "");
}

}  // namespace
}  // namespace sluice::trigger
