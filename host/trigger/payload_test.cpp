#include "trigger/payload.hpp"

#include <gtest/gtest.h>

#include "json/text.hpp"

namespace sluice::trigger {
namespace {

net::http_request request(std::string body, std::string_view type) {
    net::http_request out;
    out.method = "POST";
    out.path = "/hooks/secret-token/deep/er";
    out.query = "a=1&b=x%20y";
    out.headers.add("Content-Type", type);
    out.headers.add("X-Thing", "one");
    out.headers.add("x-thing", "two");
    out.headers.add("Authorization", "Bearer abc");
    out.body = std::move(body);
    return out;
}

TEST(payload, takes_the_token_from_the_path) {
    EXPECT_EQ(token_of_path("/hooks/abc"), "abc");
    EXPECT_EQ(token_of_path("/hooks/abc/more"), "abc");
    EXPECT_EQ(token_of_path("/hooks/"), "");
    EXPECT_EQ(token_of_path("/hook/abc"), "");
    EXPECT_EQ(token_of_path("/"), "");
}

TEST(payload, parses_json_and_leaves_tokens_and_credentials_out) {
    const auto form = payload_form(request(R"({"id":9007199254740993})", "application/json"));
    ASSERT_TRUE(form);
    EXPECT_EQ(json::to_text(*form),
              R"({"method":"POST","path":"/deep/er","query":{"a":"1","b":"x y"},)"
              R"("headers":{"content-type":"application/json","x-thing":"one, two"},)"
              R"("body":{"id":9007199254740993}})");
}

TEST(payload, knows_json_by_its_media_type_only) {
    EXPECT_TRUE(payload_form(request("{}", "application/vnd.api+json; charset=utf-8"))
                    ->get("body")
                    .is_object());
    EXPECT_EQ(payload_form(request("{}", "text/plain"))->string_or("body", ""), "{}");
    EXPECT_FALSE(payload_form(request("{", "application/json")));
    EXPECT_FALSE(payload_form(request("", "application/json")));
}

TEST(payload, carries_bytes_that_are_not_text_as_base64) {
    const std::string bytes("\xff\x00\x01", 3);
    const auto form = payload_form(request(bytes, "application/octet-stream"));
    ASSERT_TRUE(form);
    EXPECT_EQ(form->find("body"), nullptr);
    EXPECT_EQ(form->string_or("bodyBase64", ""), "/wAB");
}

TEST(payload, gives_verifiers_the_raw_body_and_every_header) {
    const json::value form = raw_form(request("{ \"a\" : 1 }\n", "application/json"));
    EXPECT_EQ(form.string_or("body", ""), "{ \"a\" : 1 }\n");
    EXPECT_EQ(form.get("headers").string_or("authorization", ""), "Bearer abc");
}

}  // namespace
}  // namespace sluice::trigger
