#include "store/key_filter.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"

namespace sluice::store {

std::string key_of(int number) { return base::sha256(std::to_string(number)).substr(0, 16); }

TEST(key_filter, knows_nothing_at_first) { EXPECT_FALSE(key_filter().may_have(key_of(1))); }

TEST(key_filter, never_denies_a_key_it_was_given_and_seldom_claims_another) {
    constexpr int count = 120'000;  // several layers
    key_filter filter;
    for (int i = 0; i < count; ++i)
        filter.add(key_of(i));
    EXPECT_LT(filter.bytes(), count * 5u);
    int claimed = 0;
    for (int i = 0; i < count; ++i) {
        ASSERT_TRUE(filter.may_have(key_of(i))) << i;
        if (i < 20'000 && filter.may_have(key_of(-1 - i))) ++claimed;
    }
    EXPECT_LT(claimed, 20'000 / 100);
}

}  // namespace sluice::store
