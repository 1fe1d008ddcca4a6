// Conformance: executions that go on after their end, and what was logged about them.
#pragma once

#include "store/conformance_removal_testing.hpp"

namespace sluice::store::testing {

inline reopen_op reopened(event_id id) {
    reopen_op change;
    change.event = id;
    change.flow_version = "v2";
    change.at_ms = 900;
    change.forget = {{"/do/1", 0}};
    return change;
}

TEST_P(store_conformance, takes_up_again_what_is_over_and_keeps_its_end) {
    ASSERT_TRUE(append_and_wait(it(), make_event(1)));
    ASSERT_TRUE(commit_and_wait(it(), {recorded(1, "/do/0"), recorded(1, "/do/1")}));
    finish_op end;
    end.event = 1;
    end.state = event_state::failed;
    end.error_json = R"({"title":"first"})";
    end.ended_ms = 700;
    ASSERT_TRUE(commit_and_wait(it(), {end}));
    ASSERT_EQ(commit_and_wait(it(), {reopened(1)}).value(), commit_outcome::committed);
    reopen();
    const auto ready = it().load_ready(acme(), 0, 10).value();
    ASSERT_EQ(ready.size(), 1u);
    EXPECT_EQ(ready[0].state, event_state::ready);
    EXPECT_EQ(ready[0].resumed_ms, 900);
    EXPECT_EQ(ready[0].flow_version, "v2");
    EXPECT_EQ(ready[0].deadline_ms, 0);
    const execution_detail found = it().execution(1).value();
    EXPECT_EQ(found.summary.ended_ms, 0);
    EXPECT_EQ(found.summary.error_json, "");
    ASSERT_EQ(found.steps.size(), 1u);
    EXPECT_EQ(found.steps[0].path, "/do/0");
    ASSERT_EQ(found.attempts.size(), 1u);
    EXPECT_EQ(found.attempts[0].state, event_state::failed);
    EXPECT_EQ(found.attempts[0].ended_ms, 700);
    EXPECT_EQ(found.attempts[0].error_json, R"({"title":"first"})");
    ASSERT_EQ(found.attempts[0].steps.size(), 1u);
    EXPECT_EQ(found.attempts[0].steps[0].path, "/do/1");
    // The step may be recorded again, and there may be another end.
    EXPECT_EQ(commit_and_wait(it(), {recorded(1, "/do/1"), finished(1)}).value(),
              commit_outcome::committed);
}

TEST_P(store_conformance, takes_up_again_only_what_is_over_and_all_of_a_batch_or_none) {
    ASSERT_TRUE(append_and_wait(it(), {make_event(1), make_event(2)}));
    ASSERT_TRUE(commit_and_wait(it(), {finished(1)}));
    EXPECT_EQ(commit_and_wait(it(), {reopened(1), reopened(2)}).value(), commit_outcome::conflict);
    EXPECT_EQ(state_of(1), event_state::succeeded);
    ASSERT_EQ(commit_and_wait(it(), {reopened(1)}).value(), commit_outcome::committed);
    EXPECT_EQ(commit_and_wait(it(), {reopened(1)}).value(), commit_outcome::conflict);
    EXPECT_EQ(it().execution(1).value().attempts.size(), 1u);
}

TEST_P(store_conformance, keeps_a_bounded_log_of_an_execution_until_it_is_removed) {
    ASSERT_TRUE(append_and_wait(it(), make_event(1)));
    log_op many{1, {}};
    for (int i = 0; i < most_log_lines + 5; ++i)
        many.lines.push_back({0, i, "info", "line"});
    ASSERT_TRUE(commit_and_wait(it(), {many, log_op{77, {{0, 1, "info", "of nobody"}}}}));
    const auto first = it().log_lines(1, 0, 10).value();
    ASSERT_EQ(first.size(), 10u);
    EXPECT_EQ(first[9].at_ms, 9);
    EXPECT_EQ(it().log_lines(1, first[9].number, 5000).value().size(),
              static_cast<std::size_t>(most_log_lines) - 10);
    EXPECT_TRUE(it().log_lines(77, 0, 10).value().empty());
    ASSERT_TRUE(commit_and_wait(it(), {finished(1), reopened(1), finished(1)}));
    ASSERT_EQ(remove_and_wait(it(), {1}).size(), 1u);
    EXPECT_TRUE(it().log_lines(1, 0, 10).value().empty());
}

}  // namespace sluice::store::testing
