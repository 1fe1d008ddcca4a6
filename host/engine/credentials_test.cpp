#include "engine/credentials.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/fetched_secrets.hpp"
#include "json/text.hpp"

namespace sluice::engine {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(texts_to_hide, are_the_secret_and_what_is_secret_in_it) {
    EXPECT_THAT(texts_to_hide("plain"), ElementsAre("plain"));
    EXPECT_THAT(texts_to_hide("https://app.example"), IsEmpty());
    EXPECT_THAT(texts_to_hide("httpkey-of-acme"), ElementsAre("httpkey-of-acme"));
    const std::string text = R"({"authority":"https://a.test","grant":"client_credentials",)"
                             R"("client":{"id":"i","secret":"s"},"username":"u","password":"p",)"
                             R"("subject":{"token":"t","type":"x"},"assertion":"a"})";
    EXPECT_THAT(texts_to_hide(text), ElementsAre(text, "s", "p", "t", "a"));
    EXPECT_THAT(texts_to_hide(json::parse(text).value()), ElementsAre(text, "s", "p", "t", "a"));
    EXPECT_THAT(texts_to_hide("{ no json"), ElementsAre("{ no json"));
}

TEST(fetched_secrets, are_those_that_came_or_were_used_last) {
    fetched_secrets all;
    EXPECT_EQ(all.hidden(), nullptr);
    const auto name = [](std::size_t number) {
        return "token-number-" + std::to_string(1000 + number);
    };
    for (std::size_t i = 0; i < 2 * fetched_secrets::most; ++i) {
        all.add(name(i));
        all.add(name(0));  // is in use
        EXPECT_TRUE(all.hidden()->found_in(name(i)));
    }
    EXPECT_FALSE(all.hidden()->found_in(name(1)));
    EXPECT_TRUE(all.hidden()->found_in(name(0)));
    EXPECT_EQ(all.hidden()->replace("a " + name(1 + fetched_secrets::most) + " b"),
              "a [redacted] b");
}

}  // namespace
}  // namespace sluice::engine
