#include "instance/authorizations.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "instance/connection_testing.hpp"
#include "net/url.hpp"

namespace sluice::instance {
namespace {

using testing::HasSubstr;

constexpr const char* redirect = "https://me.test/oauth/callback";

class authorizations_test : public connection_world, public testing::Test {
  protected:
    // What the provider hears when the person comes.
    std::map<std::string, std::string> begin() {
        std::map<std::string, std::string> out;
        const auto begun = pending.begin(person, redirect);
        EXPECT_EQ(begun.expires_ms, clock.unix_ms() + 600'000);
        const std::string query = begun.url.substr(begun.url.find('?') + 1);
        for (auto& [name, text] : net::parse_query(query))
            out[name] = text;
        return out;
    }
    std::string finish(const std::string& state, const std::string& error = {}) {
        std::string told = "nothing";
        pending.finish({state, error.empty() ? "the-code" : "", error, "of <somebody>"},
                       [&](const base::result<connection_id>& outcome) {
                           told = outcome ? outcome->name : outcome.error_value().message;
                       });
        turn();
        return told;
    }

    settings_ptr person = settings("authorizationCode");
    settings_ptr now = person;
    authorizations pending{{clock, random, *tokens, [this](const connection_id&) { return now; }}};
};

TEST_F(authorizations_test, end_with_tokens_and_prove_who_began) {
    http.replies = {token("first")};
    auto asked = begin();
    EXPECT_EQ(asked["redirect_uri"], redirect);
    EXPECT_EQ(asked["code_challenge_method"], "S256");
    EXPECT_EQ(finish(asked["state"]), "app");
    const std::string verifier = sent().substr(sent().rfind('=') + 1);
    EXPECT_GE(verifier.size(), 43u);
    EXPECT_EQ(base::to_base64url(base::sha256(verifier)), asked["code_challenge"]);
    EXPECT_EQ(state(person), "active");
}

TEST_F(authorizations_test, count_once_and_for_ten_minutes) {
    http.replies = {token("first")};
    auto asked = begin();
    EXPECT_EQ(finish(asked["state"]), "app");
    EXPECT_THAT(finish(asked["state"]), HasSubstr("used before"));
    asked = begin();
    clock.advance_ms(600'000);
    EXPECT_THAT(finish(asked["state"]), HasSubstr("older than ten minutes"));
    EXPECT_EQ(http.requests.size(), 1u);
}

TEST_F(authorizations_test, another_state_is_none) {
    auto asked = begin();
    EXPECT_THAT(finish(""), HasSubstr("used before"));
    EXPECT_THAT(finish(asked["state"].substr(1)), HasSubstr("used before"));
    auto again = begin();
    EXPECT_NE(asked["state"], again["state"]);
    EXPECT_THAT(finish(asked["state"]), HasSubstr("used before")) << "a newer one counts";
    EXPECT_TRUE(http.requests.empty());
}

TEST_F(authorizations_test, say_what_the_provider_says) {
    auto asked = begin();
    EXPECT_EQ(finish(asked["state"], "access_denied"),
              "the provider did not agree: access_denied: of <somebody>");
    EXPECT_THAT(finish(asked["state"]), HasSubstr("used before"));
    http.replies = {refusal("invalid_grant")};
    asked = begin();
    EXPECT_THAT(finish(asked["state"]), HasSubstr("invalid_grant"));
}

TEST_F(authorizations_test, are_of_the_connection_as_it_was) {
    auto asked = begin();
    now = settings("authorizationCode", "another");
    EXPECT_THAT(finish(asked["state"]), HasSubstr("has been changed"));
    asked = begin();
    now = nullptr;
    EXPECT_THAT(finish(asked["state"]), HasSubstr("has been changed"));
    EXPECT_TRUE(http.requests.empty());
}

}  // namespace
}  // namespace sluice::instance
