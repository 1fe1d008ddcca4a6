#include "engine/fault.hpp"

#include <gtest/gtest.h>

#include "manifest/task.hpp"

namespace sluice::engine {
namespace {

TEST(fault, prefers_the_status_of_the_third_party) {
    const base::error down = base::make_error(base::error_code::unavailable, "no luck");
    EXPECT_EQ(fault_of_call(down, 0, "/do/0/a").status, 503);
    EXPECT_EQ(fault_of_call(down, 502, "/do/0/a").status, 502);
    EXPECT_TRUE(manifest::same_error_type(fault_of_call(down, 502, "/do/0/a").type,
                                          manifest::standard_error_type("communication")));
}

TEST(fault, survives_the_journal) {
    base::error limited = base::make_error(base::error_code::rate_limited, "slow down", "wait");
    limited.retry_after_ms = 7000;
    const fault before = fault_of_call(limited, 429, "/do/1/push");
    const fault after = fault::from_json(before.to_json());
    EXPECT_EQ(after.type, before.type);
    EXPECT_EQ(after.status, 429);
    EXPECT_EQ(after.detail, "slow down (wait)");
    EXPECT_EQ(after.instance, "/do/1/push");
    EXPECT_EQ(after.retry_after_ms, 7000);
}

}  // namespace
}  // namespace sluice::engine
