#include "cli/serve_settings.hpp"

#include <gtest/gtest.h>

namespace sluice::cli {
namespace {

TEST(serve_settings, an_address_to_listen_on) {
    EXPECT_EQ(parse_listen("127.0.0.1:0")->port, 0);
    EXPECT_EQ(parse_listen("localhost:65535")->host, "localhost");
    EXPECT_EQ(parse_listen("*:80")->host, "*");
    EXPECT_EQ(parse_listen("[::1]:80")->host, "::1");
    for (const char* wrong :
         {"", "nonsense", "80", ":80", "127.0.0.1", "127.0.0.1:", "::1:80", "[127.0.0.1]:80",
          "127.0.0.1:65536", "127.0.0.1:8o", "host.name:80", "127.0.0.1:-1", "[::1]"}) {
        EXPECT_FALSE(parse_listen(wrong)) << wrong;
    }
}

TEST(serve_settings, without_a_reserve_a_disk_that_is_nearly_full_is_still_noticed) {
    EXPECT_EQ(disk_limits_of(0).reserve_bytes, 0);
    EXPECT_EQ(disk_limits_of(0).admit_above_bytes, 64 << 20);
    EXPECT_EQ(disk_limits_of(256).reserve_bytes, 256 << 20);
    EXPECT_EQ(disk_limits_of(256).admit_above_bytes, 512 << 20);
}

TEST(serve_settings, an_egress_entry) {
    EXPECT_TRUE(check_egress_entry("127.0.0.1:8080"));
    EXPECT_TRUE(check_egress_entry("10.0.0.0/8"));
    EXPECT_FALSE(check_egress_entry("10.0.0.0/99"));
}

}  // namespace
}  // namespace sluice::cli
