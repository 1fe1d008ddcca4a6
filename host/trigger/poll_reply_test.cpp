#include "trigger/poll_reply.hpp"

#include <gtest/gtest.h>

#include "json/text.hpp"

namespace sluice::trigger {
namespace {

base::result<poll_reply> read(const std::string& text, std::optional<std::int64_t> batch = {}) {
    return read_poll_reply(json::parse(text).value(), batch);
}

TEST(poll_reply_test, each_item_is_an_event) {
    const auto found = read(R"({"items":[{"a":1},{"a":2}],"cursor":"c2","more":true})");
    ASSERT_TRUE(found);
    ASSERT_EQ(found->payloads.size(), 2U);
    EXPECT_EQ(json::to_text(found->payloads[1]), R"({"a":2})");
    EXPECT_EQ(found->cursor, json::value("c2"));
    EXPECT_TRUE(found->more);
}

TEST(poll_reply_test, a_batch_is_a_list_and_the_last_one_may_be_shorter) {
    const auto found = read(R"({"items":[1,2,3,4,5]})", 2);
    ASSERT_TRUE(found);
    ASSERT_EQ(found->payloads.size(), 3U);
    EXPECT_EQ(json::to_text(found->payloads[0]), "[1,2]");
    EXPECT_EQ(json::to_text(found->payloads[2]), "[5]");
    EXPECT_FALSE(found->more);
}

TEST(poll_reply_test, no_list_is_nothing_and_something_else_is_refused) {
    EXPECT_TRUE(read(R"({"cursor":1})")->payloads.empty());
    const auto wrong = read(R"({"items":{"a":1}})");
    ASSERT_FALSE(wrong);
    EXPECT_NE(wrong.error_value().hint.find("items:"), std::string::npos);
}

TEST(poll_reply_test, more_than_a_transaction_takes_is_refused) {
    std::vector<json::value> many(10'001, json::value(1));
    const auto wrong = read_poll_reply(
        json::value::object({{"items", json::value::array(std::move(many))}}), std::nullopt);
    ASSERT_FALSE(wrong);
    EXPECT_NE(wrong.error_value().message.find("10001"), std::string::npos);
}

TEST(poll_reply_test, a_cursor_that_is_too_large_and_files_are_refused) {
    const std::string large(70'000, 'x');
    EXPECT_FALSE(read("{\"items\":[],\"cursor\":\"" + large + "\"}"));
    EXPECT_FALSE(read(R"({"items":[{"a":[{"$blob":"x"}]}]})"));
}

TEST(poll_reply_test, a_position_survives_its_text) {
    poll_position position;
    position.cursor = json::parse(R"({"id":9007199254740993})").value();
    position.recent = {recent_key("a"), recent_key("b")};
    const auto read = poll_position::parse(position.to_text());
    ASSERT_TRUE(read);
    EXPECT_EQ(read->recent, position.recent);
    EXPECT_EQ(json::to_text(read->cursor), R"({"id":9007199254740993})");
}

TEST(poll_reply_test, failures_make_it_wait_longer_and_not_for_ever) {
    EXPECT_EQ(wait_after_failures(1'000, 0, 0), 1'000);
    EXPECT_EQ(wait_after_failures(1'000, 3, 0), 8'000);
    EXPECT_EQ(wait_after_failures(1'000, 100, 0), 3'600'000);
    EXPECT_EQ(wait_after_failures(86'400'000, 5, 0), 86'400'000);
    EXPECT_EQ(wait_after_failures(1'000, 0, 30'000), 30'000);
    EXPECT_EQ(wait_after_failures(1'000, 0, 366LL * 86'400'000), 6 * 3'600'000);
}

}  // namespace
}  // namespace sluice::trigger
