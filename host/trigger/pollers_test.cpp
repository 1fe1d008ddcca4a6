#include "trigger/pollers.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "engine/engine_testing.hpp"
#include "json/text.hpp"
#include "manifest/load.hpp"

namespace sluice::trigger {
namespace {

constexpr std::int64_t second = 1000;

using reply = engine::scripted_calls::reply;

// One flow "find" that asks, in an engine whose process can be killed.
class pollers_test : public testing::Test {
  protected:
    void deploy(const std::string& trigger, const std::string& keys = {},
                const std::string& tasks = "{ t: { set: \"${ . }\" } }",
                const std::string& others = {}) {
        const std::string manifest =
            engine::flow_text("      - a: { set: 1 }\n", {},
                              "  find:\n    trigger: { " + trigger + " }\n" + keys + "    do: [ " +
                                  tasks + " ]\n" + others);
        auto loaded = manifest::parse_integration(manifest, "test");
        ASSERT_TRUE(loaded.content) << loaded.problems.front().to_text();
        integration_ = std::make_shared<const manifest::integration>(std::move(*loaded.content));
        running_.reset();
        world_ = std::make_unique<engine::engine_world>(manifest);
        begin();
    }
    void begin() {
        running_ = std::make_unique<pollers>(
            poll_ports{world_->loop, world_->clock, world_->ids, *world_->store, *world_->host},
            options_);
        world_->host->observe_ends(
            [this](store::event_id id, const engine::end_of_execution&) { running_->on_end(id); });
        live_runs live;
        const auto ready = world_->store->load_ready_all(0, 10'000);
        ASSERT_TRUE(ready);
        for (const store::ready_event& one : *ready)
            note_live_run(live, one);
        const auto started = running_->start(flows(), live);
        ASSERT_TRUE(started) << started.error_value().to_text();
    }
    std::vector<std::shared_ptr<const engine::bound_flow>> flows() {
        std::vector<std::shared_ptr<const engine::bound_flow>> out;
        for (const manifest::flow& each : integration_->flows) {
            auto bound = std::make_shared<engine::bound_flow>(*world_->settings);
            bound->instance = "one";
            bound->flow = &each;
            bound->integration = integration_;
            out.push_back(std::move(bound));
        }
        return out;
    }
    void crash() {
        running_.reset();
        world_->crash();
    }
    void restart() {
        crash();
        world_->start();
        begin();
    }
    // Turns the loop until the clock has moved this far.
    void pass(std::int64_t ms) {
        bool reached = false;
        world_->loop.run_after(ms, [&reached] { reached = true; });
        while (!reached && (world_->loop.run_one() || world_->loop.advance_to_next_timer())) {
        }
        EXPECT_TRUE(reached);
        world_->run_ready();
    }
    // Payloads of all runs, oldest first.
    std::vector<std::string> payloads() {
        std::vector<std::string> out;
        store::history_filter every;
        every.limit = 10'000;
        const auto all = world_->store->history(every);
        if (!all) return out;
        for (auto one = all->rbegin(); one != all->rend(); ++one) {
            kinds_.push_back(one->kind);
            const auto payload = world_->store->payload(one->id);
            out.push_back(payload ? *payload : payload.error_value().to_text());
        }
        return out;
    }
    std::vector<std::string> inputs(const std::string& function) {
        std::vector<std::string> out;
        for (const auto& [name, call] : world_->made()) {
            if (name == function) out.push_back(call.request.input_json);
        }
        return out;
    }
    using texts = std::vector<std::string>;

    poll_options options_;
    std::shared_ptr<const manifest::integration> integration_;
    std::unique_ptr<engine::engine_world> world_;
    std::unique_ptr<pollers> running_;
    texts kinds_;
};

constexpr const char* by_cursor =
    "poll: { call: app.list, with: { after: '${ .cursor }' }, every: PT10S }";

TEST_F(pollers_test, one_that_is_gone_rests_and_goes_on_at_its_cursor) {
    deploy(by_cursor);
    world_->calls.on("app.list", {{R"({"items":[{"id":1}],"cursor":"c1"})"},
                                  {R"({"items":[{"id":2}],"cursor":"c2"})"}});
    pass(10'000);
    running_->replace({"one"}, {}, {});
    const std::size_t asked = world_->calls.count("app.list");
    pass(60'000);
    EXPECT_EQ(world_->calls.count("app.list"), asked);
    running_->replace({"one"}, flows(), {});
    pass(15'000);
    EXPECT_GT(world_->calls.count("app.list"), asked);
    EXPECT_EQ(inputs("app.list")[asked], R"({"after":"c1"})");
}

TEST_F(pollers_test, a_rest_at_any_turn_loses_nothing_and_finds_nothing_twice) {
    for (int turns = 0; turns < 25; ++turns) {
        SCOPED_TRACE(turns);
        deploy(by_cursor);
        world_->calls.answer_with([](const std::string&, const engine::connector_call& call) {
            const bool first = call.request.input_json == R"({"after":null})";
            return engine::scripted_calls::reply{first ? R"({"items":[{"id":1}],"cursor":"c1"})"
                                                       : R"({"items":[],"cursor":"c1"})"};
        });
        for (int i = 0; i < turns; ++i) {
            if (!world_->loop.run_one()) world_->loop.advance_to_next_timer();
        }
        running_->replace({"one"}, {}, {});
        for (int i = 0; i < turns % 3; ++i)
            world_->loop.run_one();
        running_->replace({"one"}, flows(), {});
        pass(60'000);
        EXPECT_EQ(payloads(), texts{R"({"id":1})"});
    }
}

TEST_F(pollers_test, items_become_runs_and_the_cursor_moves) {
    deploy(by_cursor);
    world_->calls.on("app.list", {{R"({"items":[{"id":1},{"id":2}],"cursor":"c1"})"},
                                  {R"({"items":[],"cursor":"c1"})"},
                                  {R"({"items":[{"id":3}],"cursor":"c2"})"},
                                  {R"({"items":[],"cursor":"c2"})"}});
    pass(45 * second);
    EXPECT_EQ(payloads(), (texts{R"({"id":1})", R"({"id":2})", R"({"id":3})"}));
    EXPECT_EQ(kinds_, (texts{"poll", "poll", "poll"}));
    const texts asked = inputs("app.list");
    ASSERT_GE(asked.size(), 4U);
    EXPECT_EQ(asked[0], R"({"after":null})");
    EXPECT_EQ(asked[1], R"({"after":"c1"})");
    EXPECT_EQ(asked[3], R"({"after":"c2"})");
}

TEST_F(pollers_test, the_interval_counts_from_one_call_to_the_next) {
    deploy(by_cursor);
    world_->calls.on("app.list", {{R"({"items":[]})"}});
    pass(10 * second);
    const std::size_t first = world_->calls.count("app.list");
    EXPECT_EQ(first, 1U);
    pass(100 * second);
    EXPECT_EQ(world_->calls.count("app.list"), first + 10);
}

TEST_F(pollers_test, pages_come_at_once) {
    deploy(by_cursor);
    world_->calls.on("app.list", {{R"({"items":[1],"cursor":"a","more":true})"},
                                  {R"({"items":[2],"cursor":"b","more":true})"},
                                  {R"({"items":[3],"cursor":"c"})"},
                                  {R"({"items":[],"cursor":"c"})"}});
    pass(10 * second);
    EXPECT_EQ(payloads(), (texts{"1", "2", "3"}));
}

TEST_F(pollers_test, expressions_say_where_items_and_cursor_are) {
    deploy(
        "poll: { call: app.list, with: { since: '${ .cursor }' }, every: PT10S,"
        " start: '2026-01-01', items: '.data.rows',"
        " cursor: '[.data.rows[].at, $trigger.cursor] | max', more: '.data.next != null' }");
    world_->calls.on("app.list",
                     {{R"({"data":{"rows":[{"at":"2026-03-01"},{"at":"2026-02-01"}],"next":"n"}})"},
                      {R"({"data":{"rows":[]}})"}});
    pass(15 * second);
    EXPECT_EQ(payloads(), (texts{R"({"at":"2026-03-01"})", R"({"at":"2026-02-01"})"}));
    const texts asked = inputs("app.list");
    ASSERT_GE(asked.size(), 2U);
    EXPECT_EQ(asked[0], R"({"since":"2026-01-01"})");
    EXPECT_EQ(asked[1], R"({"since":"2026-03-01"})");
}

TEST_F(pollers_test, a_batch_is_one_run) {
    deploy("poll: { call: app.list, every: PT10S, items: ., batch: 2 }");
    world_->calls.on("app.list", {{"[1,2,3]"}, {"[]"}});
    pass(10 * second);
    EXPECT_EQ(payloads(), (texts{"[1,2]", "[3]"}));
}

TEST_F(pollers_test, the_cursor_is_where_it_was_after_a_restart) {
    deploy(by_cursor);
    world_->calls.on("app.list", {{R"({"items":[1],"cursor":"c1"})"}, {R"({"items":[]})"}});
    pass(10 * second);
    restart();
    pass(10 * second);
    EXPECT_EQ(inputs("app.list").back(), R"({"after":"c1"})");
    EXPECT_EQ(payloads(), texts{"1"});
}

TEST_F(pollers_test, the_first_cursor_is_kept_before_anything_is_asked) {
    for (int turns = 0; turns < 25; ++turns) {
        deploy(
            "poll: { call: app.list, with: { after: '${ .cursor }' }, every: PT10S,"
            " start: '${ now | floor }' }");
        world_->calls.on("app.list", {{R"({"items":[]})"}});
        for (int i = 0; i < turns; ++i) {
            if (!world_->loop.run_one()) world_->loop.advance_to_next_timer();
        }
        restart();
        pass(100 * second);
        restart();
        pass(100 * second);
        const texts asked = inputs("app.list");
        ASSERT_FALSE(asked.empty());
        EXPECT_EQ(std::set<std::string>(asked.begin(), asked.end()).size(), 1U) << turns;
    }
}

TEST_F(pollers_test, a_cursor_that_becomes_null_stays_null) {
    deploy(
        "poll: { call: app.list, with: { after: '${ .cursor }' }, every: PT10S, start: 5,"
        " cursor: .next }");
    world_->calls.on("app.list", {{R"({"items":[1],"next":null})"}, {R"({"items":[]})"}});
    pass(40 * second);
    EXPECT_EQ(inputs("app.list")[1], R"({"after":null})");
    EXPECT_EQ(inputs("app.list")[2], R"({"after":null})");
}

// Killed after each turn of the loop: with a source that gives what lies behind the cursor nothing
// is lost and nothing comes twice.
TEST_F(pollers_test, events_and_cursor_move_together_whenever_the_process_dies) {
    for (int turns = 0; turns < 60; ++turns) {
        deploy(by_cursor);
        world_->calls.answer_with([](const std::string&, const engine::connector_call& call) {
            const auto input = json::parse(call.request.input_json);
            const json::value& after = input->get("after");
            const std::int64_t from = after.is_null() ? 0 : after.as_int64();
            if (from >= 6) return reply{R"({"items":[]})"};
            const std::string a = std::to_string(from + 1), b = std::to_string(from + 2);
            return reply{"{\"items\":[" + a + "," + b + "],\"cursor\":" + b + ",\"more\":true}"};
        });
        for (int i = 0; i < turns; ++i) {
            if (!world_->loop.run_one()) world_->loop.advance_to_next_timer();
        }
        restart();
        pass(30 * second);
        texts found = payloads();
        std::sort(found.begin(), found.end());
        EXPECT_EQ(found, (texts{"1", "2", "3", "4", "5", "6"})) << "killed after " << turns;
    }
}

TEST_F(pollers_test, failures_wait_longer_and_lose_nothing) {
    deploy(by_cursor);
    world_->calls.on("app.list", {{"", base::error_code::unavailable, 503},
                                  {"", base::error_code::unavailable, 503},
                                  {R"({"items":[7],"cursor":1})"},
                                  {R"({"items":[]})"}});
    pass(10 * second);
    EXPECT_EQ(world_->calls.count("app.list"), 1U);
    ASSERT_EQ(running_->failures().size(), 1U);
    const poll_failure now = running_->failures().front();
    EXPECT_EQ(now.instance + '/' + now.flow, "one/find");
    EXPECT_FALSE(now.goes_on);
    EXPECT_NE(now.why.find("Unavailable"), std::string::npos) << now.why;
    pass(60 * second);
    EXPECT_EQ(payloads(), texts{"7"});
    EXPECT_EQ(running_->stats().failed, 2U);
    ASSERT_EQ(running_->failures().size(), 1U);
    EXPECT_EQ(running_->failures().front().failed, 2U);
    EXPECT_TRUE(running_->failures().front().goes_on);
    running_->replace({"one"}, {}, {});
    EXPECT_TRUE(running_->failures().empty()) << "its flow is gone";
}

TEST_F(pollers_test, a_retry_hint_is_heeded) {
    deploy(by_cursor);
    reply busy{"", base::error_code::rate_limited, 429};
    busy.retry_after_ms = 300 * second;
    world_->calls.on("app.list", {busy, {R"({"items":[]})"}});
    pass(200 * second);
    EXPECT_EQ(world_->calls.count("app.list"), 1U);
    pass(200 * second);
    EXPECT_GT(world_->calls.count("app.list"), 1U);
}

TEST_F(pollers_test, a_call_that_never_answers_is_given_up) {
    deploy(by_cursor);
    world_->calls.hang("app.list");
    pass(600 * second);
    EXPECT_GE(running_->stats().failed, 1U);
}

TEST_F(pollers_test, found_twice_runs_once_with_dedupe) {
    deploy("poll: { call: app.list, every: PT10S }", "    queue: { dedupe: .id }\n");
    world_->calls.on("app.list", {{R"({"items":[{"id":"a"},{"id":"b"}]})"},
                                  {R"({"items":[{"id":"b"},{"id":"c"}]})"},
                                  {R"({"items":[{"id":"c"}]})"}});
    pass(60 * second);
    EXPECT_EQ(payloads(), (texts{R"({"id":"a"})", R"({"id":"b"})", R"({"id":"c"})"}));
    EXPECT_GE(running_->stats().duplicates, 2U);
}

TEST_F(pollers_test, what_stands_at_the_cursor_is_left_out_also_after_the_window_of_the_store) {
    deploy("poll: { call: app.list, every: PT1H }", "    queue: { dedupe: .id }\n");
    world_->calls.on("app.list", {{R"({"items":[{"id":"a","read":1}],"cursor":1})"},
                                  {R"({"items":[{"id":"a","read":2}],"cursor":1})"}});
    pass(100 * 3600 * second);
    EXPECT_EQ(payloads(), texts{R"({"id":"a","read":1})"});
    restart();
    pass(2 * 3600 * second);
    EXPECT_EQ(payloads(), texts{R"({"id":"a","read":1})"});
}

TEST_F(pollers_test, an_item_that_the_queue_rules_fail_on_runs_and_stops_nobody) {
    deploy("poll: { call: app.list, every: PT10S, items: . }",
           "    queue: { dedupe: '.id + 1' }\n");
    world_->calls.on("app.list", {{R"([{"id":1},{"id":"x"},{"id":2}])"}, {"[]"}});
    pass(10 * second);
    EXPECT_EQ(payloads(), (texts{R"({"id":1})", R"({"id":"x"})", R"({"id":2})"}));
}

TEST_F(pollers_test, many_items_come_over_several_turns_of_the_loop) {
    deploy("poll: { call: app.list, every: PT10S, items: '[range(1000)]' }");
    world_->calls.on("app.list", {{"{}"}});
    pass(10 * second);
    EXPECT_EQ(payloads().size(), 1000U);
}

TEST_F(pollers_test, more_than_one_transaction_holds_is_refused_and_not_lost) {
    deploy(by_cursor);
    const std::string half(5u << 20, 'x');
    world_->calls.on("app.list", {{"{\"items\":[\"" + half + "\",\"" + half + "\"],\"cursor\":1}"},
                                  {R"({"items":[7],"cursor":1})"},
                                  {R"({"items":[],"cursor":1})"}});
    pass(60 * second);
    EXPECT_EQ(payloads(), texts{"7"});
    EXPECT_EQ(running_->stats().failed, 1U);
}

TEST_F(pollers_test, files_of_a_call_are_refused_and_not_lost) {
    deploy(by_cursor);
    world_->calls.on("app.list", {{R"({"items":[{"file":{"$blob":"b1"}}],"cursor":1})"},
                                  {R"({"items":[7],"cursor":1})"},
                                  {R"({"items":[]})"}});
    pass(60 * second);
    EXPECT_EQ(payloads(), texts{"7"});
}

TEST_F(pollers_test, more_without_a_cursor_that_moves_does_not_ask_without_end) {
    deploy(by_cursor);
    world_->calls.on("app.list", {{R"({"items":[1],"cursor":"a","more":true})"}});
    pass(50 * second);
    EXPECT_LE(world_->calls.count("app.list"), 7U);
}

TEST_F(pollers_test, an_empty_page_in_the_middle_does_not_wait) {
    deploy(by_cursor);
    world_->calls.on("app.list", {{R"({"items":[],"cursor":"a","more":true})"},
                                  {R"({"items":[5],"cursor":"b"})"},
                                  {R"({"items":[],"cursor":"b"})"}});
    pass(10 * second);
    EXPECT_EQ(payloads(), texts{"5"});
}

TEST_F(pollers_test, it_goes_on_when_runs_have_ended) {
    options_.most_waiting = 2;
    deploy(by_cursor, {}, "{ t: { wait: PT2M } }");
    world_->calls.on("app.list", {{R"({"items":[1,2],"cursor":1})"},
                                  {R"({"items":[3,4],"cursor":2})"},
                                  {R"({"items":[],"cursor":2})"}});
    pass(60 * second);
    EXPECT_EQ(payloads().size(), 2U);
    restart();  // and does not forget them
    pass(30 * second);
    EXPECT_EQ(payloads().size(), 2U);
    pass(100 * second);
    EXPECT_EQ(payloads().size(), 4U);
}

TEST_F(pollers_test, when_calls_wait_for_their_turn_each_gets_it) {
    options_.calls_at_once_per_instance = 1;
    deploy(by_cursor, {}, "{ t: { set: 1 } }",
           "  second:\n    trigger: { poll: { call: app.other, every: PT10S } }\n"
           "    do: [ { t: { set: 1 } } ]\n"
           "  third:\n    trigger: { poll: { call: app.third, every: PT10S } }\n"
           "    do: [ { t: { set: 1 } } ]\n");
    world_->calls.on("app.list", {{R"({"items":[]})"}});
    world_->calls.on("app.third", {{R"({"items":[]})"}});
    world_->calls.hang("app.other");
    pass(2000 * second);
    EXPECT_GE(world_->calls.count("app.list"), 4U);
    EXPECT_GE(world_->calls.count("app.third"), 4U);
    EXPECT_GE(world_->calls.count("app.other"), 4U);
}

TEST_F(pollers_test, it_asks_for_no_more_than_can_be_worked_off) {
    options_.most_waiting = 3;
    deploy(by_cursor, {}, "{ t: { call: app.slow } }");
    world_->calls.hang("app.slow");
    world_->calls.on("app.list", {{R"({"items":[1,2],"cursor":1})"},
                                  {R"({"items":[3,4],"cursor":2})"},
                                  {R"({"items":[5,6],"cursor":3})"},
                                  {R"({"items":[]})"}});
    pass(300 * second);
    EXPECT_EQ(payloads().size(), 4U);
    EXPECT_EQ(world_->calls.count("app.list"), 2U);
}

TEST_F(pollers_test, what_is_no_list_is_told_and_not_lost) {
    deploy(by_cursor);
    world_->calls.on("app.list", {{R"({"items":{"a":1},"cursor":9})"},
                                  {R"({"items":[1],"cursor":9})"},
                                  {R"({"items":[]})"}});
    pass(60 * second);
    EXPECT_EQ(payloads(), texts{"1"});
    EXPECT_EQ(running_->stats().failed, 1U);
}

TEST_F(pollers_test, nothing_is_asked_after_stop) {
    deploy(by_cursor);
    world_->calls.on("app.list", {{R"({"items":[]})"}});
    running_->stop();
    pass(100 * second);
    EXPECT_EQ(world_->calls.count("app.list"), 0U);
}

constexpr const char* a_queue =
    "queue: { call: app.receive, items: .messages, idle: PT5S,"
    " acknowledge: { call: app.remove, with: { ids: '${ [.items[].id] }' } } }";

TEST_F(pollers_test, messages_are_acknowledged_once_they_are_on_disk) {
    deploy(a_queue, "    queue: { dedupe: .id }\n");
    world_->calls.on("app.receive", {{R"({"messages":[{"id":"m1"},{"id":"m2"}]})"},
                                     {R"({"messages":[{"id":"m3"}]})"},
                                     {R"({"messages":[]})"}});
    pass(6 * second);
    EXPECT_EQ(payloads(), (texts{R"({"id":"m1"})", R"({"id":"m2"})", R"({"id":"m3"})"}));
    EXPECT_EQ(kinds_.front(), "queue");
    EXPECT_EQ(inputs("app.remove"), (texts{R"({"ids":["m1","m2"]})", R"({"ids":["m3"]})"}));
}

TEST_F(pollers_test, messages_that_could_not_be_kept_are_not_acknowledged) {
    deploy(a_queue);
    world_->calls.on("app.receive", {{R"({"messages":[{"id":"m1"}]})"}});
    world_->disk_fails = true;
    pass(60 * second);
    EXPECT_EQ(world_->calls.count("app.remove"), 0U);
    EXPECT_GE(running_->stats().failed, 1U);
}

TEST_F(pollers_test, a_message_that_was_not_acknowledged_comes_again_and_runs_once) {
    deploy(a_queue, "    queue: { dedupe: .id }\n");
    world_->calls.on("app.receive", {{R"({"messages":[{"id":"m1"}]})"},
                                     {R"({"messages":[{"id":"m1"}]})"},
                                     {R"({"messages":[]})"}});
    world_->calls.on("app.remove", {{"", base::error_code::unavailable, 503}, {"{}"}});
    pass(60 * second);
    EXPECT_EQ(payloads(), texts{R"({"id":"m1"})"});
    EXPECT_EQ(world_->calls.count("app.remove"), 2U);
}

TEST_F(pollers_test, a_message_with_another_receipt_is_the_same_message) {
    deploy(a_queue, "    queue: { dedupe: .id }\n");
    world_->calls.on("app.receive", {{R"({"messages":[{"id":"m1","receipt":"a"}]})"},
                                     {R"({"messages":[{"id":"m1","receipt":"b"}]})"},
                                     {R"({"messages":[]})"}});
    world_->calls.on("app.remove", {{"", base::error_code::unavailable, 503}, {"{}"}});
    pass(60 * second);
    EXPECT_EQ(payloads(), texts{R"({"id":"m1","receipt":"a"})"});
}

TEST_F(pollers_test, failing_acknowledgements_wait_longer_each_time) {
    deploy(a_queue, "    queue: { dedupe: .id }\n");
    world_->calls.on("app.receive", {{R"({"messages":[{"id":"m1"}]})"}});
    world_->calls.on("app.remove", {{"", base::error_code::unavailable, 503}});
    pass(3600 * second);
    EXPECT_LE(world_->calls.count("app.remove"), 12U);
    EXPECT_GE(world_->calls.count("app.remove"), 8U);
}

TEST_F(pollers_test, the_same_messages_again_are_not_asked_for_without_pause) {
    deploy(a_queue, "    queue: { dedupe: .id }\n");
    world_->calls.on("app.receive", {{R"({"messages":[{"id":"m1"}]})"}});
    pass(60 * second);
    EXPECT_LE(world_->calls.count("app.receive"), 16U);
}

TEST_F(pollers_test, what_is_on_disk_is_acknowledged_although_the_host_ends) {
    deploy(a_queue);
    world_->calls.on("app.receive", {{R"({"messages":[{"id":"m1"}]})"}, {R"({"messages":[]})"}});
    while (payloads().empty()) {
        ASSERT_TRUE(world_->loop.run_one() || world_->loop.advance_to_next_timer());
    }
    ASSERT_EQ(running_->stats().events, 0U) << "it is on disk, and nobody has been told";
    running_->stop();
    pass(10 * second);
    EXPECT_EQ(world_->calls.count("app.remove"), 1U);
    EXPECT_TRUE(world_->calls.cancelled().empty());
}

}  // namespace
}  // namespace sluice::trigger
