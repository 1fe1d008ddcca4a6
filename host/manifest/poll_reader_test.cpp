// The triggers `poll` and `queue` of a manifest.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "manifest/load.hpp"
#include "manifest/poll_flow.hpp"

namespace sluice::manifest {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

load_outcome<integration> load(const std::string& trigger, const std::string& rest = {}) {
    return parse_integration(
        "manifest: \"1\"\n"
        "integration: { namespace: acme, name: test, version: 1.0.0 }\n"
        "connectors: { app: \"*\" }\n"
        "flows:\n"
        "  find:\n"
        "    trigger: { " +
            trigger + " }\n" + rest + "    do: [ { a: { set: 1 } } ]\n",
        "test.yaml");
}

// "line:column message (hint)" of each problem.
std::string problems(const std::string& trigger, const std::string& rest = {}) {
    std::string all;
    for (const base::error& each : load(trigger, rest).problems) {
        all += (all.empty() ? "" : "\n") + std::to_string(each.where->line) + ":" +
               std::to_string(each.where->column) + " " + each.message + " (" + each.hint + ")";
    }
    return all;
}

constexpr const char* whole_poll =
    "poll: { call: app.list, with: { since: \"${ .cursor }\" }, every: PT5M, start: 7,"
    " items: .rows, cursor: .next, more: .next != null, batch: 10 }";

TEST(poll_reader_test, the_call_becomes_a_flow_of_which_nothing_is_kept) {
    const auto loaded = load(whole_poll);
    ASSERT_TRUE(loaded.content) << loaded.problems.front().to_text();
    const flow* const fetch = loaded.content->find_flow(fetch_flow_name("find"));
    ASSERT_NE(fetch, nullptr);
    EXPECT_EQ(fetch->record, flow::record_kind::none);
    ASSERT_EQ(fetch->tasks.size(), 1U);
    EXPECT_EQ(fetch->tasks[0].reference, "/trigger/poll");
    EXPECT_EQ(loaded.content->find_flow(acknowledge_flow_name("find")), nullptr);
    const auto& rules = std::get<poll_trigger>(loaded.content->find_flow("find")->trigger);
    EXPECT_EQ(rules.pause_ms, 300'000);
    EXPECT_EQ(rules.batch, 10);
    EXPECT_FALSE(rules.drains);
}

TEST(poll_reader_test, http_and_functions_may_be_asked) {
    EXPECT_THAT(problems("poll: { every: PT1M, call: http, with: { method: get,"
                         " endpoint: \"https://example.com/new\" } }"),
                IsEmpty());
}

TEST(poll_reader_test, what_is_missing_is_named) {
    EXPECT_THAT(problems("poll: { every: PT5M }"), HasSubstr("`poll` needs the `call`"));
    EXPECT_THAT(problems("poll: { call: app.list }"), HasSubstr("`poll` needs `every`"));
    EXPECT_THAT(problems("queue: { call: app.receive }"), HasSubstr("needs `acknowledge`"));
    EXPECT_THAT(problems("queue: { call: app.receive, acknowledge: { with: {} } }"),
                HasSubstr("`acknowledge` needs a `call`"));
}

TEST(poll_reader_test, mistakes_have_their_place) {
    EXPECT_THAT(problems("poll: { call: ap.list, every: PT5M }"),
                HasSubstr("6:30 the connector \"ap\""));
    EXPECT_EQ(problems("poll: { call: app.list, evry: PT5M }"),
              "6:40 poll has no \"evry\" (did you mean \"every\"?)");
    EXPECT_THAT(problems("poll: { call: app.list, every: PT0S }"), HasSubstr("each second"));
    EXPECT_THAT(problems("poll: { call: app.list, every: PT1M, batch: 0 }"),
                HasSubstr("1 to 10000"));
    EXPECT_THAT(
        problems("poll: { call: app.list, every: PT1M, batch: 5 }", "    queue: { dedupe: .id }\n"),
        HasSubstr("7:14 the items of a batch"));
    EXPECT_THAT(problems("poll: { call: app.list, every: PT1M, items: '.a |' }"), HasSubstr("6:"));
    EXPECT_THAT(problems("poll: { call: app.list, every: PT1M, items: $steps.x }"),
                HasSubstr("steps"));
}

TEST(poll_reader_test, what_would_have_to_be_recorded_cannot_be_asked) {
    EXPECT_THAT(problems("poll: { every: PT1M, call: state.put, with: { key: a, value: 1 } }"),
                HasSubstr("state.put asks nobody"));
    EXPECT_THAT(problems("poll: { every: PT1M, call: flow.start, with: { flow: find } }"),
                HasSubstr("flow.start asks nobody"));
}

}  // namespace
}  // namespace sluice::manifest
