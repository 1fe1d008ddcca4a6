#include "address.hpp"

#include "http_testing.hpp"

namespace sluice::http::testing {
namespace {

std::string refused(const std::function<std::string()>& what) {
    try {
        return "taken: " + what();
    } catch (const failure& why) {
        return why.code() == SLUICE_INVALID_INPUT ? "" : why.message();
    }
}

TEST(http_address, is_taken_apart_and_compared_by_its_origin) {
    const auto parsed = parse_address("HTTPS://API.Example.com:443/v1/a?b=c");
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->origin(), "https://api.example.com");
    EXPECT_EQ(parsed->path, "/v1/a");
    EXPECT_EQ(parsed->query, "?b=c");
    EXPECT_EQ(parse_address("http://[::1]:8080?x=1")->text(), "http://[::1]:8080?x=1");
    EXPECT_EQ(parse_address("http://a.test:80")->origin(), "http://a.test");
    EXPECT_EQ(parse_address("http://a.test:443")->origin(), "http://a.test:443");
}

TEST(http_address, what_can_be_read_in_two_ways_is_none) {
    for (const char* text :
         {"", "api.example.com", "ftp://a.test", "https://", "https://user@a.test",
          "https://a.test\\@b.test", "https://a.test/a b", "https://a.test/\n", "https://a.test/#x",
          "https://a.test:x/", "https://a.test:/", "https://a.test:123456/", "https://[::1/",
          "https://a.test/\xC3\xA9", "https://a%2etest/", "https:///a.test",
          "javascript://a.test"}) {
        EXPECT_FALSE(parse_address(text)) << text;
    }
}

TEST(http_address, segments_that_climb_are_found_however_they_are_written) {
    for (const char* path : {"/a/../b", "/..", "/a/%2e%2e/b", "/a/%2E./b", "/a/..%2fb", "/a/..%5Cb",
                             "/./a", "/a/..;x/b", "/%2e"}) {
        EXPECT_FALSE(stays_in_place(path)) << path;
    }
    for (const char* path : {"", "/", "/a/b..c", "/.well-known", "/a/...", "/%", "/a%2"}) {
        EXPECT_TRUE(stays_in_place(path)) << path;
    }
}

TEST(http_address, the_input_names_a_place_below_the_base) {
    const base_address below(base + "//");
    EXPECT_EQ(below.of(json::object()), base);
    EXPECT_EQ(below.of(json{{"path", "/a/b"}}), base + "/a/b");
    EXPECT_EQ(below.of(json{{"path", "a?x=1"}, {"query", json{{"y", 2}}}}), base + "/a?x=1&y=2");
    EXPECT_EQ(below.of(json{{"path", json::array({"a/b", 7, "\xC3\xA9 ?"})}}),
              base + "/a%2Fb/7/%C3%A9%20%3F");
    EXPECT_EQ(below.of(json{{"url", "https://API.example.com:443/v1/a?b"}}), base + "/a?b");
    const json query{{"a", "x&y"}, {"b", json::array({1, true})}, {"c", json()}};
    EXPECT_EQ(below.of(json{{"query", query}}), base + "?a=x%26y&b=1&b=true");
}

TEST(http_address, nothing_outside_the_base_is_asked) {
    const base_address below(base);
    for (const char* url : {"https://api.example.com/v2", "https://api.example.com/v11/a",
                            "http://api.example.com/v1", "https://api.example.com:444/v1",
                            "https://api.example.com.evil.test/v1", "https://evil.test/v1",
                            "https://api.example.com/v1/../v2", "/v1/a"}) {
        EXPECT_EQ(refused([&] { return below.of(json{{"url", url}}); }), "") << url;
    }
    for (const json& input :
         {json{{"path", "/../v2"}}, json{{"path", "/a b"}}, json{{"path", 7}},
          json{{"path", "/a#b"}}, json{{"path", json::array({".."})}},
          json{{"path", json::array({""})}}, json{{"path", "/a"}, {"url", base}},
          json{{"query", "a=b"}}, json{{"query", json{{"a", json::object()}}}},
          json{{"path", json::array({json()})}}}) {
        EXPECT_EQ(refused([&] { return below.of(input); }), "") << input.dump();
    }
}

TEST(http_address, references_of_answers_are_read_as_a_browser_does) {
    const base_address below(base);
    const std::string from = base + "/items?page=1";
    EXPECT_EQ(below.of_reference("?page=2", from), base + "/items?page=2");
    EXPECT_EQ(below.of_reference("/v1/items?page=2", from), base + "/items?page=2");
    EXPECT_EQ(below.of_reference("others", from), base + "/others");
    EXPECT_EQ(below.of_reference("//api.example.com/v1/x#y", from), base + "/x");
    for (const char* elsewhere :
         {"https://evil.test/v1/items", "//evil.test/v1", "/v2/items", ""}) {
        if (*elsewhere == '\0') continue;
        EXPECT_EQ(refused([&] { return below.of_reference(elsewhere, from); }), "") << elsewhere;
    }
}

TEST(http_address, a_base_that_is_none_is_refused) {
    for (const char* text : {"", "api.example.com", "https://a.test?x=1", "https://a.test/../b"}) {
        EXPECT_EQ(refused([&] { return base_address(text).host(); }), "") << text;
    }
}

}  // namespace
}  // namespace sluice::http::testing
