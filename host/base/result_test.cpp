#include "base/result.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/log.hpp"

namespace sluice::base {
namespace {

TEST(result, holds_a_value_or_an_error) {
    result<std::string> good = std::string("fine");
    ASSERT_TRUE(good);
    EXPECT_EQ(*good, "fine");
    EXPECT_EQ(good->size(), 4u);
    const result<std::string> bad = make_error(error_code::timeout, "too slow");
    ASSERT_FALSE(bad);
    EXPECT_EQ(bad.error_value().code, error_code::timeout);
}

TEST(result, gives_its_value_away_once_moved) {
    result<std::unique_ptr<int>> made = std::make_unique<int>(7);
    const std::unique_ptr<int> taken = std::move(made).value();
    EXPECT_EQ(*taken, 7);
}

TEST(result, of_nothing_is_good_by_default) {
    const result<void> good;
    EXPECT_TRUE(good);
    const result<void> bad = make_error(error_code::conflict, "taken");
    EXPECT_FALSE(bad);
    EXPECT_EQ(bad.error_value().message, "taken");
}

TEST(result_death_test, asking_a_failure_for_its_value_ends_the_process) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    const result<int> bad = make_error(error_code::internal, "broken thing");
    EXPECT_DEATH(static_cast<void>(bad.value()), "broken thing");
    const result<void> nothing = make_error(error_code::internal, "broken other thing");
    EXPECT_DEATH(nothing.value(), "broken other thing");
    const result<int> good = 1;
    EXPECT_DEATH(static_cast<void>(good.error_value()), "successful result");
}

TEST(result_death_test, does_not_print_secrets_when_it_ends_the_process) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    add_log_secret("result-test-secret");
    const result<int> bad = make_error(error_code::auth, "token result-test-secret refused");
    EXPECT_DEATH(static_cast<void>(bad.value()), "token \\[redacted\\] refused");
}

}  // namespace
}  // namespace sluice::base
