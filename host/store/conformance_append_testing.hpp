// Conformance: taking events in, once each.
#pragma once

#include <gmock/gmock.h>

#include <algorithm>

#include "store/store_conformance_testing.hpp"

namespace sluice::store::testing {

using kind = append_outcome::kind;

TEST_P(store_conformance, keeps_every_field_of_an_event) {
    new_event event = make_event(7, R"({"text":"\u00e4 and \u0000"})");
    event.lane_key = "lane";
    event.deadline_ms = 99;
    event.accepted_ms = 55;
    ASSERT_EQ(append_and_wait(it(), event).value().what, kind::stored);

    const auto ready = it().load_ready(acme(), 0, 10).value();
    ASSERT_EQ(ready.size(), 1u);
    EXPECT_EQ(ready[0].id, 7);
    EXPECT_EQ(ready[0].instance, "acme");
    EXPECT_EQ(ready[0].flow, "orders");
    EXPECT_EQ(ready[0].flow_version, "v1");
    EXPECT_EQ(ready[0].lane_key, "lane");
    EXPECT_EQ(ready[0].state, event_state::ready);
    EXPECT_EQ(ready[0].accepted_ms, 55);
    EXPECT_EQ(ready[0].deadline_ms, 99);
    EXPECT_EQ(ready[0].due_ms, 0);
    EXPECT_EQ(it().payload(7).value(), event.payload_json);
    EXPECT_EQ(it().execution(7).value().summary.kind, "webhook");
}

TEST_P(store_conformance, keeps_payloads_byte_for_byte) {
    std::string odd("\"\0'; DROP TABLE event; --\xf0\x9f\x98\x80", 30);
    std::string large(300'000, 'x');
    ASSERT_TRUE(append_and_wait(
        it(), {make_event(1, odd), make_event(2, large), make_event(3, std::string())}));
    reopen();
    EXPECT_EQ(it().payload(1).value(), odd);
    EXPECT_EQ(it().payload(2).value(), large);
    EXPECT_EQ(it().payload(3).value(), "");
}

TEST_P(store_conformance, refuses_an_id_that_is_taken_and_stores_the_rest) {
    ASSERT_TRUE(append_and_wait(it(), make_event(5, "first")));
    const auto outcomes =
        append_and_wait(it(), {make_event(4), make_event(5, "second"), make_event(6)}).value();
    ASSERT_EQ(outcomes.size(), 3u);
    EXPECT_EQ(outcomes[0].what, kind::stored);
    EXPECT_EQ(outcomes[1].what, kind::refused);
    EXPECT_NE(outcomes[1].reason, "");
    EXPECT_EQ(outcomes[2].what, kind::stored);
    EXPECT_EQ(it().payload(5).value(), "first");
}

TEST_P(store_conformance, refuses_ids_that_are_not_positive) {
    EXPECT_EQ(append_and_wait(it(), make_event(0)).value().what, kind::refused);
    EXPECT_EQ(append_and_wait(it(), make_event(-3)).value().what, kind::refused);
    EXPECT_EQ(it().last_id().value(), 0);
}

TEST_P(store_conformance, answers_an_empty_append) {
    EXPECT_TRUE(append_and_wait(it(), std::vector<new_event>{}).value().empty());
}

TEST_P(store_conformance, gives_the_first_id_for_a_repeated_delivery) {
    ASSERT_EQ(append_and_wait(it(), make_event(1, "body", "key")).value().what, kind::stored);
    const auto again = append_and_wait(it(), make_event(2, "body", "key")).value();
    EXPECT_EQ(again.what, kind::duplicate);
    EXPECT_EQ(again.id, 1);
    EXPECT_EQ(it().load_ready_all(0, 10).value().size(), 1u);
    EXPECT_FALSE(it().payload(2));
}

TEST_P(store_conformance, finds_duplicates_within_one_batch) {
    const auto outcomes =
        append_and_wait(it(), {make_event(1, "body", "key"), make_event(2, "body", "key"),
                               make_event(3, "body", "other")})
            .value();
    EXPECT_EQ(outcomes[0].what, kind::stored);
    EXPECT_EQ(outcomes[1].what, kind::duplicate);
    EXPECT_EQ(outcomes[1].id, 1);
    EXPECT_EQ(outcomes[2].what, kind::stored);
}

TEST_P(store_conformance, finds_duplicates_of_events_that_have_ended) {
    ASSERT_TRUE(append_and_wait(it(), make_event(1, "body", "key")));
    ASSERT_EQ(commit_and_wait(it(), {finished(1)}).value(), commit_outcome::committed);
    EXPECT_EQ(append_and_wait(it(), make_event(2, "body", "key")).value().what, kind::duplicate);
}

TEST_P(store_conformance, finds_duplicates_after_a_restart) {
    ASSERT_TRUE(append_and_wait(it(), make_event(1, "body", "key")));
    reopen();
    const auto again = append_and_wait(it(), make_event(2, "body", "key")).value();
    EXPECT_EQ(again.what, kind::duplicate);
    EXPECT_EQ(again.id, 1);
}

TEST_P(store_conformance, keeps_keys_of_flows_and_instances_apart) {
    ASSERT_TRUE(append_and_wait(it(), make_event(1, "body", "key")));
    new_event other_flow = make_event(2, "body", "key");
    other_flow.flow = "returns";
    EXPECT_EQ(append_and_wait(it(), other_flow).value().what, kind::stored);
    EXPECT_EQ(append_and_wait(it(), make_event(3, "body", "key", "globex")).value().what,
              kind::stored);
}

TEST_P(store_conformance, stores_another_payload_under_a_known_key) {
    ASSERT_TRUE(append_and_wait(it(), make_event(1, "body", "key")));
    const auto other = append_and_wait(it(), make_event(2, "changed", "key")).value();
    EXPECT_EQ(other.what, kind::stored_despite_key);
    EXPECT_EQ(other.id, 2);
    EXPECT_EQ(it().payload(2).value(), "changed");
    // Both are known from now on.
    EXPECT_EQ(append_and_wait(it(), make_event(3, "body", "key")).value().id, 1);
    const auto repeated = append_and_wait(it(), make_event(4, "changed", "key")).value();
    EXPECT_EQ(repeated.what, kind::duplicate);
    EXPECT_EQ(repeated.id, 2);
}

TEST_P(store_conformance, compares_what_the_event_says_makes_it_the_same) {
    new_event first = make_event(1, "headers of the first delivery, body", "key");
    first.dedupe_content = "body";
    ASSERT_TRUE(append_and_wait(it(), first));
    new_event again = make_event(2, "headers of the second delivery, body", "key");
    again.dedupe_content = "body";
    EXPECT_EQ(append_and_wait(it(), again).value().id, 1);
    again.id = 3;
    again.dedupe_content = "other body";
    EXPECT_EQ(append_and_wait(it(), again).value().what, kind::stored_despite_key);
}

TEST_P(store_conformance, remembers_a_key_for_the_whole_window) {
    constexpr std::int64_t hour = 3'600'000;
    ASSERT_TRUE(append_and_wait(it(), make_event(1, "body", "key")));
    // The last moment at which the key must be known, from wherever in its hour it came.
    subject_->clock().advance_ms(72 * hour);
    EXPECT_EQ(append_and_wait(it(), make_event(2, "body", "key")).value().what, kind::duplicate);
    subject_->clock().advance_ms(hour);
    EXPECT_EQ(append_and_wait(it(), make_event(3, "body", "key")).value().what, kind::stored);
}

TEST_P(store_conformance, finds_a_duplicate_across_the_edge_of_an_hour) {
    constexpr std::int64_t hour = 3'600'000;
    auto& clock = subject_->clock();
    clock.advance_ms(hour - clock.unix_ms() % hour - 1);  // the last millisecond of an hour
    ASSERT_TRUE(append_and_wait(it(), make_event(1, "body", "key")));
    clock.advance_ms(1);
    EXPECT_EQ(append_and_wait(it(), make_event(2, "body", "key")).value().what, kind::duplicate);
}

TEST_P(store_conformance, answers_batches_in_the_order_of_queueing) {
    constexpr int count = 600;  // more than one group
    std::vector<int> order;
    for (int i = 0; i < count; ++i) {
        it().append({make_event(i + 1)}, [&order, i](auto) { order.push_back(i); });
    }
    it().close();
    EXPECT_EQ(order.size(), static_cast<std::size_t>(count));
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST_P(store_conformance, knows_the_largest_id_ever_stored) {
    EXPECT_EQ(it().last_id().value(), 0);
    ASSERT_TRUE(append_and_wait(it(), {make_event(100), make_event(30)}));
    EXPECT_EQ(it().last_id().value(), 100);
    reopen();
    EXPECT_EQ(it().last_id().value(), 100);
}

TEST_P(store_conformance, refuses_everything_after_close) {
    ASSERT_TRUE(append_and_wait(it(), make_event(1)));
    it().close();
    it().close();
    const auto late = append_and_wait(it(), make_event(2));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error_value().code, base::error_code::unavailable);
    EXPECT_FALSE(it().payload(1));
}

}  // namespace sluice::store::testing
