#include "plugin/version.hpp"

#include <gtest/gtest.h>

namespace sluice::plugin {

TEST(connector_version, compares_as_numbers) {
    EXPECT_LT(*parse_version("0.9.0"), *parse_version("0.10.0"));
    EXPECT_LT(*parse_version("1.2.3"), *parse_version("2.0.0"));
    EXPECT_EQ(parse_version("1.2.3")->to_text(), "1.2.3");
}

TEST(connector_version, refuses_everything_but_three_plain_numbers) {
    for (const char* text : {"", "1", "1.2", "1.2.3.4", "1.2.x", "01.2.3", "1.2.3-beta", " 1.2.3",
                             "1..3", "-1.2.3", "99999999999.0.0"}) {
        EXPECT_FALSE(parse_version(text)) << text;
    }
}

}  // namespace sluice::plugin
