// Conformance: alerts, which are raised once and counted until they are cleared.
#pragma once

#include "store/store_conformance_testing.hpp"

namespace sluice::store::testing {

inline alert_op alert_of(bool raised, event_id message, std::int64_t at_ms = 100) {
    alert_op change;
    change.instance = "acme";
    change.key = "acme/broken/orders";
    change.raised = raised;
    change.at_ms = at_ms;
    change.detail_json = R"({"last":)" + std::to_string(at_ms) + R"(,"id":12345678901234567890})";
    if (message != 0) change.message = make_event(message, R"({"message":{"a":"b"}})");
    change.told = std::make_shared<alert_outcome>();
    return change;
}

TEST_P(store_conformance, raises_an_alert_once_and_counts_it_until_it_is_cleared) {
    const alert_op first = alert_of(true, 1, 100);
    const alert_op second = alert_of(true, 2, 200);
    ASSERT_EQ(commit_and_wait(it(), {first, second}).value(), commit_outcome::committed);
    ASSERT_TRUE(first.told->message);
    EXPECT_EQ(first.told->message->id, 1);
    EXPECT_FALSE(second.told->changed);
    EXPECT_FALSE(second.told->message);
    const std::string payload = it().execution(1).value().payload_json;
    EXPECT_EQ(payload, first.told->message->payload_json);
    EXPECT_EQ(payload, R"({"message":{"a":"b"},"alert":{"last":100,"id":12345678901234567890,)"
                       R"("since":100,"count":1}})");
    EXPECT_FALSE(it().execution(2));
    reopen();
    ASSERT_TRUE(commit_and_wait(it(), {alert_of(true, 3, 300)}));
    const auto raised = it().config(alert_kind).value();
    ASSERT_EQ(raised.size(), 1u);
    EXPECT_EQ(raised[0].key, "acme/broken/orders");
    EXPECT_EQ(raised[0].value_json,
              R"({"last":300,"id":12345678901234567890,"since":100,"count":3})");
    const alert_op over = alert_of(false, 4, 400);
    ASSERT_TRUE(commit_and_wait(it(), {over, alert_of(false, 5, 500)}));
    ASSERT_TRUE(over.told->message);
    EXPECT_EQ(it().execution(4).value().payload_json,
              R"({"message":{"a":"b"},"alert":{"last":300,"id":12345678901234567890,)"
              R"("since":100,"count":3}})");
    EXPECT_FALSE(it().execution(5)) << "it was cleared already";
    EXPECT_TRUE(it().config(alert_kind).value().empty());
    ASSERT_TRUE(commit_and_wait(it(), {alert_of(true, 6, 600)}));
    EXPECT_TRUE(it().execution(6)) << "raised anew";
}

TEST_P(store_conformance, changes_no_alert_with_a_batch_that_is_refused) {
    ASSERT_TRUE(append_and_wait(it(), make_event(1)));
    ASSERT_TRUE(commit_and_wait(it(), {finished(1)}));
    EXPECT_EQ(commit_and_wait(it(), {alert_of(true, 2), finished(1)}).value(),
              commit_outcome::fenced);
    EXPECT_TRUE(it().config(alert_kind).value().empty());
    EXPECT_FALSE(it().execution(2));
    // Of another instance's partition, or with an id that is taken.
    alert_op other = alert_of(true, 2);
    other.instance = "globex";
    EXPECT_FALSE(commit_and_wait(it(), {other}));
    EXPECT_FALSE(commit_and_wait(it(), {alert_of(true, 1)}));
    EXPECT_TRUE(it().config(alert_kind).value().empty());
}

TEST_P(store_conformance, an_alert_that_tells_nobody_is_raised_all_the_same) {
    const alert_op silent = alert_of(true, 0);
    ASSERT_TRUE(commit_and_wait(it(), {silent}));
    EXPECT_TRUE(silent.told->changed);
    EXPECT_FALSE(silent.told->message);
    EXPECT_EQ(it().config(alert_kind).value().size(), 1u);
    EXPECT_TRUE(it().history({}).value().empty());
}

}  // namespace sluice::store::testing
