#include "instance/oauth_settings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "instance/connection_testing.hpp"
#include "json/text.hpp"

namespace sluice::instance {
namespace {

using testing::HasSubstr;
using testing::StartsWith;

// openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256, for tests alone.
constexpr const char* key = R"(-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgKKeK8g9mXsKGailx
qE8ZmoJusb7RV/1bRHJ46gaiuIehRANCAAQvZmApUW8RlH2LNDuEPJfujyxEAMrw
P3K6DoEgxWjZQOO1RuNgozqSK8qIDtC9mr9Qld4OU74PEygD4ZO6/nfm
-----END PRIVATE KEY-----
)";

constexpr const char* by_code =
    R"({"grant":"authorizationCode","authorizeUrl":"https://a.test/authorize?tenant=x",
        "tokenUrl":"{baseUrl}/token","scopes":["read","write"],
        "authorizeParameters":{"access type":"off&line"}})";
constexpr const char* by_jwt = R"({"grant":"jwtBearer","tokenUrl":"{baseUrl}/token"})";

base::result<std::shared_ptr<const oauth_settings>> read(const char* section,
                                                         const std::string& fields) {
    return oauth_settings::read({"acme", "app"}, connection_world::type(section),
                                json::parse(fields).value());
}

std::string why_not(const char* section, const std::string& fields) {
    const auto made = read(section, fields);
    return made ? "" : made.error_value().message;
}

TEST(oauth_settings, fill_the_addresses_with_fields) {
    const auto usual = read(by_code, R"({"clientId":"i","clientSecret":"s"})").value();
    EXPECT_EQ(usual->token_url(), "http://auth.test/token") << "the field's default";
    const auto own =
        read(by_code, R"({"clientId":"i","clientSecret":"s","baseUrl":"https://b.test/x//"})")
            .value();
    EXPECT_EQ(own->token_url(), "https://b.test/x/token");
    EXPECT_NE(own->fingerprint(), usual->fingerprint());
    EXPECT_THAT(why_not(by_code, R"({"clientId":"i","clientSecret":"s","baseUrl":"ftp://b.test"})"),
                HasSubstr("the address made of \"{baseUrl}/token\" is none"));
}

TEST(oauth_settings, say_what_is_missing) {
    EXPECT_EQ(why_not(by_code, R"({"clientSecret":"s"})"),
              "the connection \"app\" of instance \"acme\": `clientId` is missing");
    EXPECT_THAT(why_not(by_code, R"({"clientId":"i"})"), HasSubstr("`clientSecret` is missing"));
    EXPECT_THAT(why_not(by_jwt, R"({})"), HasSubstr("`issuer` is missing"));
    const std::string wrong_key =
        why_not(by_jwt, R"({"clientId":"i","privateKey":"not-a-key-text"})");
    EXPECT_THAT(wrong_key, HasSubstr("`privateKey`"));
    EXPECT_EQ(wrong_key.find("not-a-key-text"), std::string::npos);
}

TEST(oauth_settings, make_the_address_that_a_person_opens) {
    const auto made = read(by_code, R"({"clientId":"i d","clientSecret":"s"})").value();
    EXPECT_EQ(made->authorize_address("https://me.test/cb", "the-state", "the-challenge"),
              "https://a.test/authorize?tenant=x&response_type=code&client_id=i%20d&"
              "redirect_uri=https%3A%2F%2Fme.test%2Fcb&scope=read%20write&state=the-state&"
              "code_challenge=the-challenge&code_challenge_method=S256&"
              "access%20type=off%26line");
}

TEST(oauth_settings, take_the_scopes_of_the_connection) {
    const auto listed =
        read(by_code, R"({"clientId":"i","clientSecret":"s","scopes":["a","b"]})").value();
    EXPECT_EQ(listed->scope_text(), "a b");
    const auto words =
        read(by_code, R"({"clientId":"i","clientSecret":"s","scopes":"a, b"})").value();
    EXPECT_EQ(words->scope_text(), "a b");
    EXPECT_EQ(words->fingerprint(), listed->fingerprint());
}

TEST(oauth_settings, give_the_connector_no_secret_of_the_host) {
    const auto made =
        read(by_code, R"({"type":"oauth","clientId":"i","clientSecret":"s","more":1})").value();
    EXPECT_EQ(made->connection_json("the-token"),
              R"({"type":"oauth","clientId":"i","more":1,"accessToken":"the-token",)"
              R"("tokenType":"Bearer"})");
}

// Some providers say with the token at which address the account's data is.
TEST(oauth_settings, take_fields_from_the_answer_with_a_token) {
    const char* const section = R"({"grant":"clientCredentials","tokenUrl":"{baseUrl}/token",
        "fromToken":{"subject":"instance_url"}})";
    const auto made = read(section, R"({"clientId":"i","clientSecret":"s"})").value();
    const json::value answer =
        json::parse(R"({"access_token":"t","instance_url":"https://eu9.test","id":7})").value();
    const json::value found = made->fields_of_token(answer);
    EXPECT_EQ(json::to_text(found), R"({"subject":"https://eu9.test"})");
    EXPECT_EQ(made->connection_json("t", found),
              R"({"clientId":"i","subject":"https://eu9.test","accessToken":"t",)"
              R"("tokenType":"Bearer"})");
    // What the connection says counts more, and nothing else of the answer counts at all.
    const auto own =
        read(section, R"({"clientId":"i","clientSecret":"s","subject":"mine"})").value();
    EXPECT_EQ(json::to_text(own->fields_of_token(answer)), "{}");
    EXPECT_THAT(own->connection_json("t", found), HasSubstr(R"("subject":"mine")"));
    for (const char* const bad :
         {"[]", "null", R"({"instance_url":7})", R"({"instance_url":""})"}) {
        EXPECT_EQ(json::to_text(made->fields_of_token(json::parse(bad).value())), "{}") << bad;
    }
    const json::value large = json::value::object({{"instance_url", std::string(2049, 'x')}});
    EXPECT_EQ(json::to_text(made->fields_of_token(large)), "{}");
}

// A change of the secret alone costs nobody a new authorization, and nothing tells of it.
TEST(oauth_settings, have_a_fingerprint_without_secrets) {
    EXPECT_EQ(read(by_code, R"({"clientId":"i","clientSecret":"s1"})").value()->fingerprint(),
              read(by_code, R"({"clientId":"i","clientSecret":"s2"})").value()->fingerprint());
    EXPECT_NE(read(by_code, R"({"clientId":"i","clientSecret":"s"})").value()->fingerprint(),
              read(by_code, R"({"clientId":"j","clientSecret":"s"})").value()->fingerprint());
}

TEST(oauth_settings, sign_an_assertion) {
    json::value fields = json::value::object({{"clientId", "i"}, {"subject", "ada"}});
    fields.set("privateKey", key);
    const auto made = read(by_jwt, json::to_text(fields)).value();
    const engine::token_request request = made->own_request(1'700'000'000, "unique").value();
    EXPECT_EQ(request.grant, "urn:ietf:params:oauth:grant-type:jwt-bearer");
    ASSERT_EQ(request.more.size(), 1u);
    EXPECT_EQ(request.more[0].first, "assertion");
    const std::string& jwt = request.more[0].second;
    const std::string claims = R"({"iss":"i","sub":"ada","aud":"http://auth.test/token",)"
                               R"("jti":"unique","iat":1700000000,"exp":1700000300})";
    const std::string begin = base::to_base64url(R"({"alg":"ES256","typ":"JWT"})") + '.' +
                              base::to_base64url(claims) + '.';
    EXPECT_THAT(jwt, StartsWith(begin));
    EXPECT_EQ(jwt.size(), begin.size() + 86) << "64 bytes";
    EXPECT_EQ(net::client_request(engine::make_token_request(request, made->token_url()))
                  .body.find("client_secret"),
              std::string::npos);
}

}  // namespace
}  // namespace sluice::instance
