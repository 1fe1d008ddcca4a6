#include "net/url.hpp"

#include <gtest/gtest.h>

namespace sluice::net {
namespace {

url parsed(std::string_view text) {
    auto made = parse_url(text);
    EXPECT_TRUE(made) << text << ": " << (made ? "" : made.error_value().to_text());
    return made ? *std::move(made) : url{};
}

TEST(url, takes_a_full_url_apart) {
    const auto made = parsed("HTTPS://API.Example.com:8443/a%20b/c?x=1&y=%2F#part");
    EXPECT_EQ(made.scheme, "https");
    EXPECT_EQ(made.host, "api.example.com");
    EXPECT_EQ(made.port, 8443);
    EXPECT_EQ(made.path, "/a%20b/c");
    EXPECT_EQ(made.query, "x=1&y=%2F");
    EXPECT_EQ(made.target(), "/a%20b/c?x=1&y=%2F");
    EXPECT_EQ(made.authority(), "api.example.com:8443");
    EXPECT_EQ(made.origin(), "https://api.example.com:8443");
}

TEST(url, fills_in_port_and_path) {
    EXPECT_EQ(parsed("http://a").port, 80);
    EXPECT_EQ(parsed("https://a").port, 443);
    EXPECT_EQ(parsed("http://a").target(), "/");
    EXPECT_EQ(parsed("http://a?").target(), "/?");
    EXPECT_EQ(parsed("http://a.").host, "a");
    EXPECT_EQ(parsed("http://a.?x").target(), "/?x");
    EXPECT_EQ(parsed("http://a:80/").authority(), "a");
    EXPECT_EQ(parsed("https://a:80/").authority(), "a:80");
}

TEST(url, knows_ipv6_hosts) {
    const auto made = parsed("http://[2001:DB8::1]:8080/x");
    EXPECT_EQ(made.host, "2001:db8::1");
    EXPECT_EQ(made.authority(), "[2001:db8::1]:8080");
    EXPECT_EQ(made.origin(), "http://[2001:db8::1]:8080");
}

class url_refusal : public testing::TestWithParam<const char*> {};

TEST_P(url_refusal, is_invalid_input) {
    const auto made = parse_url(GetParam());
    ASSERT_FALSE(made) << made->origin();
    EXPECT_EQ(made.error_value().code, base::error_code::invalid_input);
    EXPECT_FALSE(made.error_value().message.empty());
}

INSTANTIATE_TEST_SUITE_P(
    odd_texts, url_refusal,
    testing::Values("", "a", "/a", "//a/b", "ftp://a/", "file:///etc/passwd", "http:///x",
                    "http://", "http:a", "http://user@a/", "http://user:secret@a/", "http://:@a/",
                    "http://a b/", "http://a/ b", "http://a/\r\nX: y", "http://a/\xc3\xa9",
                    "http://\xc3\xa9.test/", "http://a%2eb/", "http://a:0/", "http://a:65536/",
                    "http://a:x/", "http://a..b/", "http://.a/", "http://2130706433/",
                    "http://0x7f.1/", "http://0x7f000001/", "http://0177.0.0.1/", "http://127.1/",
                    "http://127.0.0.1.:80.5/", "http://1.2.3.4.5/", "http://256.1.1.1/",
                    "http://127.0.0.01/", "http://a.0x1/", "http://[fe80::1%25eth0]/",
                    "http://[::1/", "http://[v1.x]/", "http://[127.0.0.1]/",
                    "javascript:alert(1)"));

TEST(url, does_not_repeat_secrets_in_messages) {
    for (const auto* text : {"http://user:hush-hush@a/", "http://a b/?token=hush-hush",
                             "http://0x7f.1/?token=hush-hush"}) {
        const auto made = parse_url(text);
        ASSERT_FALSE(made);
        EXPECT_EQ(made.error_value().to_text().find("hush"), std::string::npos);
    }
}

TEST(url, refuses_very_long_ones) {
    EXPECT_FALSE(parse_url("http://a/" + std::string(20'000, 'x')));
}

TEST(url, resolves_references_as_a_location_field_has_them) {
    const auto base = parsed("https://a.test/x/y?q=1");
    EXPECT_EQ(resolve_url(base, "/z")->target(), "/z");
    EXPECT_EQ(resolve_url(base, "z")->target(), "/x/z");
    EXPECT_EQ(resolve_url(base, "../z?p=2")->target(), "/z?p=2");
    EXPECT_EQ(resolve_url(base, "//b.test/z")->origin(), "https://b.test");
    EXPECT_EQ(resolve_url(base, "http://c.test:8080/")->origin(), "http://c.test:8080");
    EXPECT_FALSE(resolve_url(base, "ftp://c.test/"));
    EXPECT_FALSE(resolve_url(base, "http://user@c.test/"));
    EXPECT_FALSE(resolve_url(base, "http://0x7f.1/"));
    EXPECT_FALSE(resolve_url(base, "//1.2.3.4.5/"));
    EXPECT_FALSE(resolve_url(base, "//c.test:x/"));
}

TEST(query, is_decoded_in_order) {
    using pairs = std::vector<std::pair<std::string, std::string>>;
    EXPECT_EQ(parse_query("a=1&b=x%20y+z&&c&=d&e=%&f=%4&g=%41&h=%zz&a=2"), (pairs{{"a", "1"},
                                                                                  {"b", "x y z"},
                                                                                  {"c", ""},
                                                                                  {"", "d"},
                                                                                  {"e", "%"},
                                                                                  {"f", "%4"},
                                                                                  {"g", "A"},
                                                                                  {"h", "%zz"},
                                                                                  {"a", "2"}}));
    EXPECT_TRUE(parse_query("").empty());
}

TEST(percent_encoding, goes_there_and_back) {
    std::string all;
    for (int byte = 0; byte < 256; ++byte)
        all += static_cast<char>(byte);
    EXPECT_EQ(percent_decode(percent_encode(all)), all);
    EXPECT_EQ(percent_encode("a-b._~/ é+"), "a-b._~%2F%20%C3%A9%2B");
    EXPECT_EQ(percent_decode("a+b"), "a+b");
    EXPECT_FALSE(percent_decode("%"));
    EXPECT_FALSE(percent_decode("a%4"));
    EXPECT_FALSE(percent_decode("%4g"));
}

}  // namespace
}  // namespace sluice::net
