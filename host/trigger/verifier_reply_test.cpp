#include "trigger/verifier_reply.hpp"

#include <gtest/gtest.h>

#include "json/text.hpp"

namespace sluice::trigger {
namespace {

base::result<verifier_reply> read(const std::string& text) {
    return read_verifier_reply(json::parse(text).value());
}

TEST(verifier_reply, a_plain_yes_says_nothing_more) {
    for (const char* text :
         {R"({"verified":true})", "{}", R"({"respond":null,"events":null,"acknowledge":null})"}) {
        const auto made = read(text);
        ASSERT_TRUE(made) << text;
        EXPECT_FALSE(made->respond || made->events || made->acknowledge) << text;
    }
}

TEST(verifier_reply, a_response_has_a_status_headers_and_a_text) {
    const auto made =
        read(R"({"respond":{"status":418,"headers":{"Content-Type":"text/xml"},"body":"<a/>"}})");
    ASSERT_TRUE(made && made->respond);
    EXPECT_EQ(made->respond->status, 418);
    EXPECT_EQ(made->respond->headers.get("content-type"), "text/xml");
    EXPECT_EQ(made->respond->body, "<a/>");
    const auto bare = read(R"({"acknowledge":{}})");
    ASSERT_TRUE(bare && bare->acknowledge);
    EXPECT_EQ(bare->acknowledge->status, 200);
    EXPECT_FALSE(bare->acknowledge->headers.has("content-type"));
    EXPECT_EQ(read(R"({"respond":{"body":"x"}})")->respond->headers.get("content-type"),
              "text/plain; charset=utf-8");
}

TEST(verifier_reply, events_have_any_body_and_may_have_texts_as_keys) {
    const auto made =
        read(R"({"events":[{"body":[1],"dedupe":"d","key":"k"},{},{"body":null,"key":null}]})");
    ASSERT_TRUE(made && made->events);
    ASSERT_EQ(made->events->size(), 3u);
    EXPECT_EQ(json::to_text(made->events->at(0).body), "[1]");
    EXPECT_EQ(made->events->at(0).dedupe, "d");
    EXPECT_EQ(made->events->at(0).key, "k");
    EXPECT_FALSE(made->events->at(2).dedupe || made->events->at(2).key);
    EXPECT_EQ(read(R"({"events":[]})")->events->size(), 0u);
}

TEST(verifier_reply, a_thousand_events_are_taken_and_no_more) {
    const auto text = [](int count) {
        std::string list;
        for (int i = 0; i < count; ++i)
            list += i == 0 ? "{}" : ",{}";
        return R"({"events":[)" + list + "]}";
    };
    EXPECT_TRUE(read(text(1000)));
    EXPECT_FALSE(read(text(1001)));
}

TEST(verifier_reply, what_has_the_wrong_form_is_the_connectors_fault) {
    for (const char* text :
         {R"({"respond":7})", R"({"respond":{"status":"200"}})", R"({"respond":{"status":199}})",
          R"({"respond":{"status":600}})", R"({"respond":{"status":200.5}})",
          R"({"respond":{"body":{}}})", R"({"respond":{"headers":[]}})",
          R"({"respond":{"headers":{"X-A":1}}})", R"({"respond":{"headers":{"X A":"1"}}})",
          R"({"respond":{"headers":{"X-A":"1\r\nX-B: 2"}}})", R"({"acknowledge":{"status":300}})",
          R"({"acknowledge":"ok"})", R"({"events":{}})", R"({"events":[7]})",
          R"({"events":[{"dedupe":7}]})", R"({"events":[{"key":["k"]}]})",
          R"({"events":[{"body":{"file":{"$blob":"b1"}}}]})", R"({"respond":{},"events":[]})",
          R"({"respond":{},"acknowledge":{}})"}) {
        const auto made = read(text);
        ASSERT_FALSE(made) << text;
        EXPECT_EQ(made.error_value().code, base::error_code::internal) << text;
    }
}

}  // namespace
}  // namespace sluice::trigger
