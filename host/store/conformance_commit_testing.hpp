// Conformance: steps, parking, ends, fences.
#pragma once

#include <map>

#include "store/store_conformance_testing.hpp"

namespace sluice::store::testing {

TEST_P(store_conformance, keeps_every_field_of_a_step_in_order_of_recording) {
    ASSERT_TRUE(append_and_wait(it(), make_event(1)));
    step_record good = make_step("/do/1/b", 3, R"({"x":[1,2]})");
    good.attempt = 4;
    step_record bad = make_step("/do/0/a");
    bad.ok = false;
    bad.output_json.clear();
    bad.error_json = R"({"code":"timeout"})";
    ASSERT_EQ(commit_and_wait(it(), {checkpoint_op{1, good}}).value(), commit_outcome::committed);
    ASSERT_EQ(commit_and_wait(it(), {checkpoint_op{1, bad}}).value(), commit_outcome::committed);
    reopen();
    const auto steps = it().checkpoints(1).value();
    ASSERT_EQ(steps.size(), 2u);
    EXPECT_EQ(steps[0].path, "/do/1/b");
    EXPECT_EQ(steps[0].item, 3);
    EXPECT_EQ(steps[0].name, "create");
    EXPECT_EQ(steps[0].kind, "call");
    EXPECT_EQ(steps[0].attempt, 4);
    EXPECT_EQ(steps[0].started_ms, 10);
    EXPECT_EQ(steps[0].ended_ms, 20);
    EXPECT_TRUE(steps[0].ok);
    EXPECT_EQ(steps[0].input_json, R"({"a":1})");
    EXPECT_EQ(steps[0].output_json, R"({"x":[1,2]})");
    EXPECT_EQ(steps[0].connector, "github 0.1.0");
    EXPECT_EQ(steps[1].path, "/do/0/a");
    EXPECT_FALSE(steps[1].ok);
    EXPECT_EQ(steps[1].error_json, R"({"code":"timeout"})");
    EXPECT_EQ(it().execution(1).value().steps.size(), 2u);
}

TEST_P(store_conformance, a_first_step_makes_an_event_running) {
    ASSERT_TRUE(append_and_wait(it(), make_event(1)));
    EXPECT_EQ(state_of(1), event_state::ready);
    ASSERT_TRUE(commit_and_wait(it(), {recorded(1, "/do/0")}));
    EXPECT_EQ(state_of(1), event_state::running);
    EXPECT_EQ(it().load_ready(acme(), 0, 10).value().at(0).state, event_state::running);
}

TEST_P(store_conformance, records_a_step_once) {
    ASSERT_TRUE(append_and_wait(it(), make_event(1)));
    ASSERT_TRUE(commit_and_wait(it(), {recorded(1, "/do/0", 0, "first")}));
    EXPECT_EQ(commit_and_wait(it(), {recorded(1, "/do/0", 0, "second")}).value(),
              commit_outcome::fenced);
    EXPECT_EQ(commit_and_wait(it(), {recorded(1, "/do/0", 1, "next item")}).value(),
              commit_outcome::committed);
    const auto steps = it().checkpoints(1).value();
    ASSERT_EQ(steps.size(), 2u);
    EXPECT_EQ(steps[0].output_json, "first");
}

TEST_P(store_conformance, writes_nothing_of_a_batch_that_is_fenced_half_way) {
    ASSERT_TRUE(append_and_wait(it(), {make_event(1), make_event(2)}));
    ASSERT_TRUE(commit_and_wait(it(), {recorded(1, "/do/0")}));
    EXPECT_EQ(commit_and_wait(it(), {recorded(2, "/do/0"), finished(2), recorded(1, "/do/0"),
                                     append_op{make_event(3)}})
                  .value(),
              commit_outcome::fenced);
    EXPECT_TRUE(it().checkpoints(2).value().empty());
    EXPECT_EQ(state_of(2), event_state::ready);
    EXPECT_FALSE(it().execution(3));
}

TEST_P(store_conformance, a_fenced_batch_does_not_disturb_those_queued_beside_it) {
    ASSERT_TRUE(append_and_wait(it(), {make_event(1), make_event(2)}));
    std::vector<commit_outcome> outcomes;
    const auto note = [&outcomes](auto reply) { outcomes.push_back(reply.value()); };
    const auto now = epoch();
    it().commit(acme(), now, {recorded(1, "/do/0")}, note);
    it().commit(acme(), now, {recorded(1, "/do/1"), recorded(1, "/do/0")}, note);
    it().commit(acme(), now, {recorded(2, "/do/0"), finished(2)}, note);
    reopen();
    EXPECT_EQ(outcomes, (std::vector{commit_outcome::committed, commit_outcome::fenced,
                                     commit_outcome::committed}));
    EXPECT_EQ(it().checkpoints(1).value().size(), 1u);
    EXPECT_EQ(state_of(2), event_state::succeeded);
}

TEST_P(store_conformance, a_former_epoch_changes_nothing) {
    ASSERT_TRUE(append_and_wait(it(), make_event(1)));
    const epoch_number former = epoch();
    reopen();
    EXPECT_GT(epoch(), former);
    EXPECT_EQ(commit_and_wait(it(), acme(), former, {recorded(1, "/do/0")}).value(),
              commit_outcome::fenced);
    EXPECT_EQ(commit_and_wait(it(), acme(), former, {finished(1)}).value(), commit_outcome::fenced);
    EXPECT_TRUE(it().checkpoints(1).value().empty());
    EXPECT_EQ(state_of(1), event_state::ready);
    EXPECT_FALSE(it().renew(acme(), former));
    EXPECT_TRUE(it().renew(acme(), epoch()));
}

TEST_P(store_conformance, keeps_outcome_and_error_of_an_end) {
    ASSERT_TRUE(append_and_wait(it(), {make_event(1), make_event(2)}));
    ASSERT_TRUE(commit_and_wait(it(), {finished(1, event_state::succeeded, "[1]")}));
    ASSERT_TRUE(commit_and_wait(it(), {finished(2, event_state::failed, "", R"({"title":"x"})")}));
    reopen();
    const auto good = it().execution(1).value();
    EXPECT_EQ(good.summary.state, event_state::succeeded);
    EXPECT_EQ(good.summary.ended_ms, 1'700'000'005'000);
    EXPECT_EQ(good.output_json, "[1]");
    EXPECT_EQ(good.summary.error_json, "");
    const auto bad = it().execution(2).value();
    EXPECT_EQ(bad.summary.state, event_state::failed);
    EXPECT_EQ(bad.summary.error_json, R"({"title":"x"})");
    EXPECT_EQ(bad.payload_json, R"({"n":1})");
    EXPECT_TRUE(it().load_ready(acme(), 0, 10).value().empty());
}

TEST_P(store_conformance, writes_a_terminal_state_once) {
    event_id id = 0;
    for (const auto end : {event_state::succeeded, event_state::failed, event_state::quarantined,
                           event_state::cancelled}) {
        ++id;
        ASSERT_TRUE(append_and_wait(it(), make_event(id)));
        ASSERT_TRUE(commit_and_wait(it(), {finished(id, end, "[1]")}));
        for (const op& late :
             {finished(id, event_state::failed), recorded(id, "/do/9"), op{park_op{id, 5}}}) {
            EXPECT_EQ(commit_and_wait(it(), {late}).value(), commit_outcome::fenced);
        }
        EXPECT_EQ(state_of(id), end);
        EXPECT_EQ(it().execution(id).value().output_json, "[1]");
    }
}

TEST_P(store_conformance, refuses_an_end_that_is_none) {
    ASSERT_TRUE(append_and_wait(it(), make_event(1)));
    for (const auto state : {event_state::ready, event_state::running, event_state::waiting}) {
        const auto reply = commit_and_wait(it(), {finished(1, state)});
        ASSERT_FALSE(reply);
        EXPECT_EQ(reply.error_value().code, base::error_code::invalid_input);
    }
    EXPECT_EQ(state_of(1), event_state::ready);
}

TEST_P(store_conformance, parks_until_a_time) {
    ASSERT_TRUE(append_and_wait(it(), {make_event(1), make_event(2)}));
    ASSERT_TRUE(commit_and_wait(it(), {recorded(1, "/do/0"), park_op{1, 1234}, park_op{2, 0}}));
    const auto live = it().load_ready(acme(), 0, 10).value();
    ASSERT_EQ(live.size(), 2u);
    EXPECT_EQ(live[0].state, event_state::waiting);
    EXPECT_EQ(live[0].due_ms, 1234);
    EXPECT_EQ(live[1].state, event_state::ready);
    ASSERT_TRUE(commit_and_wait(it(), {recorded(1, "/do/1")}));
    EXPECT_EQ(it().load_ready(acme(), 0, 10).value().at(0).due_ms, 0);
}

TEST_P(store_conformance, names_an_event_that_does_not_exist) {
    for (const op& change : {recorded(77, "/do/0"), finished(77), op{park_op{77, 5}}}) {
        const auto reply = commit_and_wait(it(), {change});
        ASSERT_FALSE(reply);
        EXPECT_EQ(reply.error_value().code, base::error_code::not_found);
    }
    EXPECT_EQ(it().execution(77).error_value().code, base::error_code::not_found);
    EXPECT_EQ(it().payload(77).error_value().code, base::error_code::not_found);
    EXPECT_TRUE(it().checkpoints(77).value().empty());
}

TEST_P(store_conformance, refuses_changes_through_another_partition) {
    ASSERT_TRUE(append_and_wait(it(), make_event(1)));
    const auto other = static_cast<partition_id>((acme() + 1) % partition_count);
    const auto epoch_of_other = it().acquire(other).value();
    EXPECT_FALSE(commit_and_wait(it(), other, epoch_of_other, {finished(1)}));
    EXPECT_EQ(state_of(1), event_state::ready);
}

TEST_P(store_conformance, adds_child_events_with_their_parents_changes) {
    ASSERT_TRUE(append_and_wait(it(), make_event(1)));
    new_event child = make_event(2, "child", "child-key", "globex");
    child.parent = 1;
    ASSERT_EQ(commit_and_wait(it(), {recorded(1, "/do/0"), append_op{child}}).value(),
              commit_outcome::committed);
    EXPECT_EQ(it().payload(2).value(), "child");
    EXPECT_EQ(it().load_ready(partition_of("globex"), 0, 10).value().size(), 1u);
    // A child that is known by its key is not stored again, and that is no failure.
    child.id = 3;
    ASSERT_EQ(commit_and_wait(it(), {recorded(1, "/do/1"), append_op{child}}).value(),
              commit_outcome::committed);
    EXPECT_FALSE(it().payload(3));
    EXPECT_EQ(it().checkpoints(1).value().size(), 2u);
}

TEST_P(store_conformance, answers_an_empty_commit) {
    EXPECT_EQ(commit_and_wait(it(), {}).value(), commit_outcome::committed);
}

// Every state, then a restart: running comes back as ready, nothing else changes.
TEST_P(store_conformance, brings_every_state_through_a_restart) {
    std::map<event_id, event_state> expected;
    std::vector<new_event> events;
    for (event_id id = 1; id <= 7; ++id)
        events.push_back(make_event(id));
    ASSERT_TRUE(append_and_wait(it(), events));
    ASSERT_TRUE(commit_and_wait(
        it(), {recorded(2, "/do/0"), recorded(3, "/do/0"), park_op{3, 500}, recorded(4, "/do/0"),
               finished(4, event_state::succeeded), finished(5, event_state::failed),
               finished(6, event_state::quarantined), finished(7, event_state::cancelled)}));
    EXPECT_EQ(state_of(2), event_state::running);
    for (int restart = 0; restart < 2; ++restart) {
        reopen();
        EXPECT_EQ(state_of(1), event_state::ready);
        EXPECT_EQ(state_of(2), event_state::ready);
        EXPECT_EQ(state_of(3), event_state::waiting);
        EXPECT_EQ(state_of(4), event_state::succeeded);
        EXPECT_EQ(state_of(5), event_state::failed);
        EXPECT_EQ(state_of(6), event_state::quarantined);
        EXPECT_EQ(state_of(7), event_state::cancelled);
        EXPECT_EQ(it().execution(3).value().summary.due_ms, 500);
        EXPECT_EQ(it().checkpoints(2).value().size(), 1u);
        EXPECT_EQ(it().load_ready_all(0, 10).value().size(), 3u);
    }
}

}  // namespace sluice::store::testing
