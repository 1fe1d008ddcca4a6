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

std::string form_body(std::string body) {
    const auto form = payload_form(request(std::move(body), "application/x-www-form-urlencoded"),
                                   form_bodies::object);
    return form ? json::to_text(form->get("body")) : form.error_value().message;
}

TEST(payload, takes_forms_apart_where_they_are_asked_for) {
    EXPECT_EQ(form_body("command=%2Fticket&text=It+broke+%26%20stays&x=1%2B1&empty=&bare"),
              R"({"command":"/ticket","text":"It broke & stays","x":"1+1","empty":"","bare":""})");
    EXPECT_EQ(form_body("a=1&b=2&a=3&&a=&"), R"({"a":["1","3",""],"b":"2"})");
    EXPECT_EQ(form_body("gr%C3%B6%C3%9Fe=a=b"), R"({"größe":"a=b"})");
    EXPECT_EQ(form_body(""), "{}");
}

TEST(payload, refuses_forms_that_are_none) {
    for (const char* wrong : {"a=1&b=%", "a=1&b=%4", "a=1&%zz=2", "a=1&b=%FF"})
        EXPECT_EQ(form_body(wrong), "field 2 has a wrong escape, or bytes that are no UTF-8");
    std::string many;
    for (int i = 0; i < 1'000; ++i)
        many += "a" + std::to_string(i) + "=1&";
    EXPECT_TRUE(form_body(many).starts_with("{"));
    EXPECT_EQ(form_body(many + "b=1"), "it has more than 1000 fields");
}

TEST(payload, knows_forms_by_their_media_type_only) {
    const auto body_of = [](std::string_view type, form_bodies forms) {
        return json::to_text(payload_form(request("a=1", type), forms)->get("body"));
    };
    EXPECT_EQ(body_of("Application/X-WWW-Form-Urlencoded ; charset=UTF-8", form_bodies::object),
              R"({"a":"1"})");
    EXPECT_EQ(body_of("application/x-www-form-urlencoded", form_bodies::text), R"("a=1")");
    EXPECT_EQ(body_of("text/plain", form_bodies::object), R"("a=1")");
    EXPECT_TRUE(payload_form(request("{}", "application/json"), form_bodies::object)
                    ->get("body")
                    .is_object());
}

TEST(payload, gives_verifiers_the_raw_body_and_every_header) {
    const json::value form = raw_form(request("{ \"a\" : 1 }\n", "application/json"));
    EXPECT_EQ(form.string_or("body", ""), "{ \"a\" : 1 }\n");
    EXPECT_EQ(form.get("headers").string_or("authorization", ""), "Bearer abc");
}

}  // namespace
}  // namespace sluice::trigger
