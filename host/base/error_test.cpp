#include "base/error.hpp"

#include <gtest/gtest.h>

namespace sluice::base {
namespace {

TEST(error, text_leaves_out_what_is_unknown) {
    error failure = make_error(error_code::not_found, "no such flow");
    EXPECT_EQ(failure.to_text(), "no such flow");
    failure.hint = "see sluice check";
    EXPECT_EQ(failure.to_text(), "no such flow (see sluice check)");
    failure.where = source_position{.file = "a.yaml", .line = 3, .column = 7};
    EXPECT_EQ(failure.to_text(), "a.yaml:3:7: no such flow (see sluice check)");
    failure.where = source_position{.file = "a.yaml"};
    EXPECT_EQ(failure.to_text(), "a.yaml: no such flow (see sluice check)");
    failure.where = source_position{"", 3, 0};
    EXPECT_EQ(failure.to_text(), "3: no such flow (see sluice check)");
    failure.where = source_position{};
    EXPECT_EQ(failure.to_text(), "no such flow (see sluice check)");
}

TEST(error, every_code_has_a_name_of_its_own) {
    const std::string_view names[] = {"ok",        "invalid_input", "auth",        "not_found",
                                      "conflict",  "rate_limited",  "unavailable", "timeout",
                                      "cancelled", "unsupported",   "internal"};
    for (std::uint32_t code = 0; code < std::size(names); ++code) {
        EXPECT_EQ(to_string(static_cast<error_code>(code)), names[code]);
    }
}

TEST(error, a_code_from_elsewhere_has_a_name_too) {
    EXPECT_EQ(to_string(static_cast<error_code>(4711)), "unknown");
}

}  // namespace
}  // namespace sluice::base
