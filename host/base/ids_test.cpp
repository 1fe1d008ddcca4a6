#include "base/ids.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <set>
#include <vector>

#include "base/thread.hpp"

namespace sluice::base {
namespace {

constexpr std::int64_t epoch_ms = 1'577'836'800'000;

class ids : public testing::Test {
  protected:
    manual_clock clock_{epoch_ms + 1'000};
    seeded_random random_{42};
    id_generator generator_{clock_, random_};
};

TEST_F(ids, carry_the_time_in_their_upper_bits) {
    EXPECT_EQ(generator_.next() >> 21, 1'000);
    clock_.advance_ms(5);
    EXPECT_EQ(generator_.next() >> 21, 1'005);
}

TEST_F(ids, increase_within_a_millisecond_beyond_its_counter) {
    const std::int64_t last_of_this = (1'001ll << 21) - 3;
    generator_.start_after(last_of_this);
    for (int i = 1; i <= 10; ++i)
        EXPECT_EQ(generator_.next(), last_of_this + i);
    clock_.advance_ms(2);
    EXPECT_EQ(generator_.next() >> 21, 1'002);
}

TEST_F(ids, increase_when_the_clock_goes_back) {
    const std::int64_t before = generator_.next();
    clock_.advance_ms(-900);
    EXPECT_GT(generator_.next(), before);
}

TEST_F(ids, are_positive_before_2020) {
    clock_.advance_ms(-epoch_ms);
    EXPECT_GT(generator_.next(), 0);
}

TEST_F(ids, start_after_what_is_stored) {
    const std::int64_t stored = (2'000ll << 21) + 17;
    generator_.start_after(stored);
    generator_.start_after(5);
    EXPECT_GT(generator_.next(), stored);
    clock_.advance_ms(10'000);
    EXPECT_EQ(generator_.next() >> 21, 11'000);
}

TEST_F(ids, differ_between_generators_of_the_same_moment) {
    seeded_random other_random(43);
    id_generator other(clock_, other_random);
    EXPECT_NE(generator_.next(), other.next());
}

TEST_F(ids, are_unique_across_threads) {
    constexpr int each = 2'000;
    std::vector<std::vector<std::int64_t>> taken(4);
    {
        std::vector<thread> threads;
        for (auto& own : taken) {
            threads.emplace_back("taker", [this, &own] {
                for (int i = 0; i < each; ++i)
                    own.push_back(generator_.next());
            });
        }
    }
    std::set<std::int64_t> all;
    for (const auto& own : taken) {
        EXPECT_TRUE(std::is_sorted(own.begin(), own.end()));
        all.insert(own.begin(), own.end());
    }
    EXPECT_EQ(all.size(), taken.size() * each);
}

TEST(execution_id, text_goes_there_and_back_and_sorts_like_the_number) {
    const std::int64_t numbers[] = {
        1, 31, 32, 1ll << 40, (1ll << 40) + 1, std::numeric_limits<std::int64_t>::max()};
    std::string last;
    for (const std::int64_t number : numbers) {
        const std::string text = execution_id_text(number);
        EXPECT_EQ(text.size(), 14u);
        EXPECT_GT(text, last);
        EXPECT_EQ(parse_execution_id(text), number);
        last = text;
    }
    EXPECT_EQ(execution_id_text(1), "x0000000000001");
    EXPECT_EQ(last, "x7zzzzzzzzzzzz");
}

TEST(execution_id, reads_what_people_type) {
    EXPECT_EQ(parse_execution_id("X00000000000OI"), parse_execution_id("x0000000000001"));
    EXPECT_EQ(parse_execution_id("x000000000000L"), 1);
    EXPECT_EQ(parse_execution_id("x000000000000Z"), 31);
}

TEST(execution_id, refuses_other_text) {
    for (const char* text : {"", "x", "0000000000001", "x000000000001", "x00000000000011",
                             "y0000000000001", "x000000000000u", "x000000000000-",
                             "x8000000000000",  // does not fit
                             "x0000000000000"}) {
        EXPECT_EQ(parse_execution_id(text), std::nullopt) << text;
    }
}

TEST(token, has_256_bits_in_the_url_alphabet) {
    seeded_random random(1);
    const std::string token = make_token(random);
    EXPECT_EQ(token.size(), 43u);
    EXPECT_EQ(
        token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
        std::string::npos);
    EXPECT_NE(token, make_token(random));
}

}  // namespace
}  // namespace sluice::base
