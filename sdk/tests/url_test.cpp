#include "sluice/url.hpp"

#include <gtest/gtest.h>

namespace {

using sluice::failure;
using sluice::url;

TEST(sdk_url, encodes_each_segment) {
    EXPECT_EQ((url("https://a.test") / "repos" / "me/you" / "ö ?#%").text(),
              "https://a.test/repos/me%2Fyou/%C3%B6%20%3F%23%25");
}

TEST(sdk_url, keeps_the_path_of_the_base) {
    EXPECT_EQ((url("https://a.test/api/v3//") / "x").text(), "https://a.test/api/v3/x");
    EXPECT_EQ(url("https://a.test/").path("/a/b").text(), "https://a.test/a/b");
    EXPECT_EQ(url("https://a.test").path("a/b").text(), "https://a.test/a/b");
}

TEST(sdk_url, refuses_segments_that_lead_elsewhere) {
    for (const char* name : {"", ".", ".."}) {
        EXPECT_THROW(url("https://a.test") / name, failure) << name;
    }
    EXPECT_EQ((url("https://a.test") / "..x").text(), "https://a.test/..x");
}

TEST(sdk_url, adds_queries) {
    EXPECT_EQ((url("https://a.test") / "x").query("q", "a&b=c d").query("page", 2).text(),
              "https://a.test/x?q=a%26b%3Dc%20d&page=2");
}

TEST(sdk_url, encodes_everything_but_unreserved_characters) {
    EXPECT_EQ(sluice::percent_encode("AZaz09-._~"), "AZaz09-._~");
    EXPECT_EQ(sluice::percent_encode("!*'()+\n"), "%21%2A%27%28%29%2B%0A");
}

}  // namespace
