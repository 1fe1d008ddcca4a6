#include "base/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

namespace sluice::base {
namespace {

// Gives the numbers it was given.
class scripted_random final : public random_source {
  public:
    explicit scripted_random(std::vector<std::uint64_t> numbers) : numbers_(std::move(numbers)) {}
    void fill(std::span<std::byte> out) override {
        const auto bytes = std::as_bytes(std::span(numbers_).subspan(at_++, 1));
        std::copy_n(bytes.begin(), out.size(), out.begin());
    }

  private:
    std::vector<std::uint64_t> numbers_;
    std::size_t at_ = 0;
};

TEST(seeded_random, repeats_with_its_seed_only) {
    seeded_random a(1);
    seeded_random b(1);
    seeded_random c(2);
    const std::uint64_t first = a.next();
    EXPECT_EQ(first, b.next());
    EXPECT_EQ(a.next(), b.next());
    EXPECT_NE(first, c.next());
}

TEST(seeded_random, fills_lengths_that_are_no_multiple_of_eight) {
    seeded_random random(3);
    std::array<std::byte, 13> bytes{};
    random.fill(bytes);
    std::array<std::byte, 13> more{};
    random.fill(more);
    EXPECT_NE(bytes, more);
    EXPECT_NE(bytes[12], std::byte{0});
}

TEST(random_source, below_drops_the_numbers_that_would_make_it_unfair) {
    // 2^64 mod 3 is 1: 0 has to be dropped, 1 is the first fair number.
    scripted_random random({0, 1, 5});
    EXPECT_EQ(random.below(3), 1u);
    EXPECT_EQ(random.below(3), 2u);
}

TEST(random_source, below_reaches_every_number_and_no_other) {
    seeded_random random(7);
    std::set<std::uint64_t> seen;
    for (int i = 0; i < 1000; ++i)
        seen.insert(random.below(5));
    EXPECT_EQ(seen, (std::set<std::uint64_t>{0, 1, 2, 3, 4}));
    EXPECT_EQ(random.below(1), 0u);
}

TEST(random_source_death_test, below_nothing_ends_the_process) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    seeded_random random(7);
    EXPECT_DEATH(random.below(0), "bound above 0");
}

TEST(secure_random, does_not_repeat) {
    secure_random random;
    std::set<std::uint64_t> seen;
    for (int i = 0; i < 1000; ++i)
        seen.insert(random.next());
    EXPECT_EQ(seen.size(), 1000u);
}

TEST(secure_random, fills_more_than_one_chunk) {
    secure_random random;
    std::vector<std::byte> bytes((1u << 20) + 5);
    random.fill(bytes);
    const auto is_zero = [](std::byte byte) { return byte == std::byte{0}; };
    EXPECT_FALSE(std::all_of(bytes.end() - 5, bytes.end(), is_zero));
    EXPECT_FALSE(std::all_of(bytes.begin(), bytes.begin() + 8, is_zero));
}

}  // namespace
}  // namespace sluice::base
