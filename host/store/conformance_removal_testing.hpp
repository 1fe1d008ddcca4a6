// Conformance: what retention removes and what it leaves alone.
#pragma once

#include <future>

#include "store/store_conformance_testing.hpp"

namespace sluice::store::testing {

inline new_event accepted_at(event_id id, std::int64_t accepted_ms, event_id parent = 0) {
    new_event event = make_event(id);
    event.accepted_ms = accepted_ms;
    event.parent = parent;
    return event;
}
inline op ended_at(event_id id, std::int64_t ended_ms) {
    finish_op end;
    end.event = id;
    end.output_json = "1";
    end.ended_ms = ended_ms;
    return end;
}
inline std::vector<event_id> remove_and_wait(store& from, std::vector<event_id> ids) {
    std::promise<base::result<std::vector<event_id>>> answer;
    from.remove(std::move(ids), [&](auto gone) { answer.set_value(std::move(gone)); });
    return answer.get_future().get().value();
}

TEST_P(store_conformance, finds_what_ended_before_a_time_page_by_page) {
    ASSERT_TRUE(append_and_wait(it(), {accepted_at(1, 10), accepted_at(2, 20), accepted_at(3, 30),
                                       accepted_at(4, 40), accepted_at(5, 100)}));
    ASSERT_TRUE(commit_and_wait(
        it(), {ended_at(1, 50), ended_at(3, 120), ended_at(4, 99), ended_at(5, 130)}));
    auto page = it().ended_before(100, 0, 2).value();
    EXPECT_EQ(page.ids, std::vector<event_id>{1});  // 2 is alive
    EXPECT_EQ(page.next, 2);
    page = it().ended_before(100, page.next, 10).value();
    EXPECT_EQ(page.ids, std::vector<event_id>{4});  // 3 ended too late, 5 was accepted too late
    EXPECT_EQ(page.next, 0);
}

TEST_P(store_conformance, keeps_relatives_of_what_is_alive) {
    ASSERT_TRUE(
        append_and_wait(it(), {accepted_at(1, 1), accepted_at(2, 1, 1), accepted_at(3, 1, 1),
                               accepted_at(4, 1), accepted_at(5, 1, 4)}));
    ASSERT_TRUE(commit_and_wait(it(), {ended_at(1, 2), ended_at(2, 2), ended_at(5, 2)}));
    // 3 is a live child of 1; 4 is the live parent of 5; 2 has nobody.
    EXPECT_EQ(it().ended_before(100, 0, 10).value().ids, std::vector<event_id>{2});
}

TEST_P(store_conformance, removes_everything_of_what_has_ended_and_nothing_else) {
    ASSERT_TRUE(append_and_wait(it(), {accepted_at(1, 1), accepted_at(2, 1), accepted_at(3, 1)}));
    ASSERT_TRUE(commit_and_wait(it(), {recorded(1, "/do/0"), recorded(1, "/do/1"), ended_at(1, 2),
                                       recorded(2, "/do/0"), ended_at(3, 2)}));
    EXPECT_EQ(remove_and_wait(it(), {1, 2, 7}), std::vector<event_id>{1});
    reopen();
    EXPECT_EQ(it().execution(1).error_value().code, base::error_code::not_found);
    EXPECT_FALSE(it().payload(1));
    EXPECT_TRUE(it().checkpoints(1).value().empty());
    EXPECT_EQ(it().checkpoints(2).value().size(), 1u);
    EXPECT_EQ(it().execution(3).value().output_json, "1");
    EXPECT_EQ(it().unknown_of({1, 2, 3, 9}).value(), (std::vector<event_id>{1, 9}));
}

TEST_P(store_conformance, removes_many_steps_in_several_goes) {
    ASSERT_TRUE(append_and_wait(it(), accepted_at(1, 1)));
    std::vector<op> steps;
    for (std::int64_t item = 0; item < 9'000; ++item)
        steps.push_back(recorded(1, "/do/0", item));
    steps.push_back(ended_at(1, 2));
    ASSERT_TRUE(commit_and_wait(it(), std::move(steps)));
    EXPECT_TRUE(remove_and_wait(it(), {1}).empty());
    EXPECT_TRUE(remove_and_wait(it(), {1}).empty());
    EXPECT_EQ(remove_and_wait(it(), {1}), std::vector<event_id>{1});
    EXPECT_TRUE(it().checkpoints(1).value().empty());
}

}  // namespace sluice::store::testing
