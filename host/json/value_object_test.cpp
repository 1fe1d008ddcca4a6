#include <gtest/gtest.h>

#include <map>

#include "base/random.hpp"
#include "base/thread.hpp"
#include "json/text.hpp"
#include "json/value.hpp"

namespace sluice::json {
namespace {

value numbered_object(int count) {
    value object = value::object();
    for (int i = 0; i < count; ++i)
        object.set("key" + std::to_string(i), i);
    return object;
}

// Below and above the size from which on keys are found through an index.
class object_of_size : public testing::TestWithParam<int> {};

TEST_P(object_of_size, finds_every_key_and_no_other) {
    const int count = GetParam();
    const value object = numbered_object(count);
    ASSERT_EQ(object.size(), static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) {
        ASSERT_EQ(object.int_or("key" + std::to_string(i), -1), i);
    }
    EXPECT_EQ(object.find("key" + std::to_string(count)), nullptr);
    EXPECT_EQ(object.find(""), nullptr);
}

TEST_P(object_of_size, keeps_the_order_of_keys) {
    const int count = GetParam();
    value object = numbered_object(count);
    object.set("key0", "again");
    int position = 0;
    for (const member& item : object.members()) {
        ASSERT_EQ(item.first, "key" + std::to_string(position++));
    }
    EXPECT_EQ(object.get("key0").as_string(), "again");
}

TEST_P(object_of_size, finds_keys_after_others_were_erased) {
    const int count = GetParam();
    value object = numbered_object(count);
    EXPECT_TRUE(object.erase("key0"));
    EXPECT_FALSE(object.erase("key0"));
    EXPECT_EQ(object.find("key0"), nullptr);
    for (int i = 1; i < count; ++i) {
        ASSERT_EQ(object.int_or("key" + std::to_string(i), -1), i);
    }
}

TEST_P(object_of_size, finds_what_was_written_in_place) {
    value object = numbered_object(GetParam());
    EXPECT_EQ(object.find("new"), nullptr);  // may make the index
    object.members_for_write().emplace_back("new", "value");
    object.members_for_write().front().first = "renamed";
    EXPECT_EQ(object.get("new").as_string(), "value");
    EXPECT_EQ(object.int_or("renamed", -1), 0);
    EXPECT_EQ(object.find("key0"), nullptr);
}

TEST_P(object_of_size, copies_find_their_own_members) {
    const value original = numbered_object(GetParam());
    EXPECT_NE(original.find("key0"), nullptr);
    value copy = original;
    copy.set("only here", 1);
    EXPECT_NE(copy.find("only here"), nullptr);
    EXPECT_EQ(original.find("only here"), nullptr);
}

TEST_P(object_of_size, may_be_searched_first_by_several_threads) {
    const int count = GetParam();
    for (int round = 0; round < 20; ++round) {
        const value object = numbered_object(count);
        const value fresh = value::object({object.members().begin(), object.members().end()});
        std::vector<base::thread> threads;
        for (int number = 0; number < 3; ++number) {
            threads.emplace_back("finder", [&fresh, count] {
                for (int i = 0; i < count; ++i) {
                    if (fresh.int_or("key" + std::to_string(i), -1) != i) std::abort();
                }
            });
        }
    }
}

INSTANTIATE_TEST_SUITE_P(sizes, object_of_size, testing::Values(1, 2, 15, 16, 17, 18, 100, 1000));

TEST(json_object, later_members_replace_earlier_ones_in_their_place) {
    EXPECT_EQ(to_text(value::object({{"a", 1}, {"b", 2}, {"a", 3}})), R"({"a":3,"b":2})");
    std::vector<member> many;
    for (int i = 0; i < 100; ++i)
        many.emplace_back("k" + std::to_string(i % 50), i);
    const value object = value::object(std::move(many));
    EXPECT_EQ(object.size(), 50u);
    EXPECT_EQ(object.members()[7].first, "k7");
    EXPECT_EQ(object.int_or("k7", -1), 57);
}

TEST(json_object, behaves_like_a_map_under_random_changes) {
    base::seeded_random random(20261123);
    value object = value::object();
    std::map<std::string, std::int64_t> model;
    for (int step = 0; step < 20'000; ++step) {
        const std::string key = "k" + std::to_string(random.below(60));
        switch (random.below(4)) {
            case 0:
            case 1:
                object.set(key, step);
                model[key] = step;
                break;
            case 2:
                ASSERT_EQ(object.erase(key), model.erase(key) == 1);
                break;
            default: {
                const auto expected = model.find(key);
                ASSERT_EQ(object.int_or(key, -1), expected == model.end() ? -1 : expected->second);
            }
        }
        ASSERT_EQ(object.size(), model.size());
    }
}

}  // namespace
}  // namespace sluice::json
