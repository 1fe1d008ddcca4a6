// OAuth 2.0 as it goes on the wire: the request of a token for each grant and each way in which a
// client proves itself, and what the answers mean.
#include "engine/token_request.hpp"

#include <gtest/gtest.h>

#include "base/encoding.hpp"
#include "json/text.hpp"

namespace sluice::engine {
namespace {

using kind = manifest::authentication::kind;

token_request read(const std::string& members, kind type = kind::oauth2) {
    auto made = read_token_request(type, json::parse(members).value());
    EXPECT_TRUE(made) << made.error_value().to_text();
    return made ? std::move(*made) : token_request();
}

// The body of the request to `endpoint`.
std::string body_of(const std::string& members) {
    const token_request made = read(members);
    return make_token_request(with_own_assertion(made, made.address, 1'700'000'000, "unique"),
                              made.address)
        .body;
}

std::string why_not(const std::string& members) {
    auto made = read_token_request(kind::oauth2, json::parse(members).value());
    return made ? "" : made.error_value().message;
}

// Members beside the authority.
std::string with(const std::string& more) {
    return R"({"authority":"https://auth.test/realms/a/",)" + more + "}";
}

base::result<net::client_response> answered(int status, const std::string& body) {
    return net::client_response{status, {}, body, ""};
}

TEST(token_requests, go_below_the_authority) {
    const std::string client = R"("grant":"client_credentials","client":{"id":"i"})";
    EXPECT_EQ(read(with(client)).address, "https://auth.test/realms/a/oauth2/token");
    EXPECT_EQ(read(with(client + R"(,"endpoints":{"token":"/protocol/token"})")).address,
              "https://auth.test/realms/a/protocol/token");
    EXPECT_EQ(read(with(client + R"(,"endpoints":{"token":"https://b.test/t"})")).address,
              "https://b.test/t");
    const token_request oidc = read(with(client), kind::oidc);
    EXPECT_TRUE(oidc.discovers);
    EXPECT_EQ(oidc.address, "https://auth.test/realms/a/.well-known/openid-configuration");
    EXPECT_EQ(
        read(R"({"authority":"https://b.test/.well-known/openid-configuration",)" + client + "}",
             kind::oidc)
            .address,
        "https://b.test/.well-known/openid-configuration");
}

TEST(token_requests, say_what_each_grant_needs) {
    const std::string client = R"("client":{"id":"i d","secret":"s&t"},)";
    const std::string begin = "&client_id=i%20d&client_secret=s%26t";
    EXPECT_EQ(body_of(with(client + R"("grant":"client_credentials","scopes":["a","b"],)"
                                    R"("audiences":["x","y"])")),
              "grant_type=client_credentials" + begin + "&scope=a%20b&audience=x&audience=y");
    EXPECT_EQ(body_of(with(client + R"("grant":"password","username":"ada","password":"p w")")),
              "grant_type=password" + begin + "&username=ada&password=p%20w");
    EXPECT_EQ(body_of(with(client + R"("grant":"refresh_token","subject":{"token":"old"})")),
              "grant_type=refresh_token" + begin + "&refresh_token=old");
    EXPECT_EQ(body_of(with(client + R"("grant":"urn:ietf:params:oauth:grant-type:token-exchange",)"
                                    R"("subject":{"token":"s","type":"u:s"},)"
                                    R"("actor":{"token":"a","type":"u:a"})")),
              "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Atoken-exchange" + begin +
                  "&subject_token=s&subject_token_type=u%3As&actor_token=a&actor_token_type=u%3Aa");
}

TEST(token_requests, carry_more_parameters_and_tell_none_of_them) {
    token_request made = read(with(R"("grant":"client_credentials","client":{"id":"i"})"));
    made.grant = "authorization_code";
    made.more = {{"code", "the-only-code"}, {"redirect_uri", "https://me.test/cb"}};
    EXPECT_EQ(make_token_request(made, made.address).body,
              "grant_type=authorization_code&client_id=i&code=the-only-code&"
              "redirect_uri=https%3A%2F%2Fme.test%2Fcb");
    const auto refused = read_token(
        made, made.address,
        answered(400, R"({"error":"invalid_grant","error_description":"no the-only-code for )"
                      R"(https://me.test/cb"})"));
    ASSERT_TRUE(refused.refused);
    EXPECT_EQ(refused.refused->detail,
              "https://auth.test/realms/a/oauth2/token gave no access token but status 400: "
              "invalid_grant: no [redacted] for https://me.test/cb");
}

TEST(token_requests, are_json_when_the_document_says_so) {
    EXPECT_EQ(body_of(with(R"("grant":"client_credentials","client":{"id":"i","secret":"s"},)"
                           R"("request":{"encoding":"application/json"},"audiences":["x","y"])")),
              R"({"grant_type":"client_credentials","client_id":"i","client_secret":"s",)"
              R"("audience":["x","y"]})");
}

TEST(token_requests, prove_the_client_in_the_way_that_is_asked_for) {
    const auto client = [](const std::string& members) {
        return with(R"("grant":"client_credentials","client":)" + members);
    };
    const token_request basic =
        read(client(R"({"id":"i:d","secret":"s","authentication":"client_secret_basic"})"));
    const net::client_request sent = make_token_request(basic, basic.address);
    EXPECT_EQ(sent.headers.get("Authorization"), "Basic " + base::to_base64("i%3Ad:s"));
    EXPECT_EQ(sent.body, "grant_type=client_credentials");
    EXPECT_EQ(sent.headers.get("Content-Type"), "application/x-www-form-urlencoded");
    EXPECT_EQ(body_of(client(R"({"authentication":"none"})")), "grant_type=client_credentials");
    EXPECT_EQ(body_of(client(R"({"id":"i","authentication":"none"})")),
              "grant_type=client_credentials&client_id=i");
    EXPECT_EQ(
        body_of(client(R"({"id":"i","assertion":"a.b.c","authentication":"private_key_jwt"})")),
        "grant_type=client_credentials&client_id=i&client_assertion_type=urn%3Aietf%3Aparams%3A"
        "oauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=a.b.c");
}

TEST(token_requests, sign_a_jwt_with_the_secret) {
    const std::string body =
        body_of(with(R"("grant":"client_credentials","client":{"id":"i","secret":"key",)"
                     R"("authentication":"client_secret_jwt"})"));
    const std::string jwt = body.substr(body.rfind('=') + 1);
    const std::string claims = R"({"iss":"i","sub":"i",)"
                               R"("aud":"https://auth.test/realms/a/oauth2/token",)"
                               R"("jti":"unique","iat":1700000000,"exp":1700000300})";
    const std::string text =
        base::to_base64url(R"({"alg":"HS256","typ":"JWT"})") + '.' + base::to_base64url(claims);
    EXPECT_EQ(jwt, text + '.' + base::to_base64url(base::hmac_sha256("key", text)));
    EXPECT_EQ(body.find("client_secret="), std::string::npos);
}

TEST(token_requests, are_not_made_without_what_they_need) {
    EXPECT_EQ(why_not(R"({"authority":"auth.test","grant":"client_credentials"})"),
              "`authority` is no address");
    EXPECT_EQ(why_not(with(R"("grant":"authorization_code")")),
              "the grant authorization_code needs a person at a browser");
    EXPECT_EQ(why_not(with(R"("grant":"magic")")), "there is no such grant");
    EXPECT_EQ(why_not(with(R"("client":{})")), "`grant` is missing");
    EXPECT_EQ(why_not(with(R"("grant":"password","username":"u","client":{"id":"i"})")),
              "the grant password needs `username` and `password`");
    EXPECT_EQ(why_not(with(R"("grant":"client_credentials")")), "`client.id` is missing");
    EXPECT_EQ(why_not(with(R"("grant":"client_credentials",)"
                           R"("client":{"id":"i","authentication":"client_secret_basic"})")),
              "`client.secret` is missing");
    EXPECT_EQ(why_not(with(R"("grant":"client_credentials",)"
                           R"("client":{"id":"i","authentication":"tls_client_auth"})")),
              "`client.authentication` is none that there is");
    EXPECT_EQ(why_not("\"text\""), "the members authority, grant, client ... are missing");
}

TEST(token_requests, of_the_same_credentials_have_the_same_key_which_tells_nothing) {
    const std::string one =
        R"("grant":"client_credentials","client":{"id":"i","secret":"secret-1"})";
    const std::string two =
        R"("grant":"client_credentials","client":{"id":"i","secret":"secret-2"})";
    EXPECT_EQ(read(with(one)).key, read(with(one)).key);
    EXPECT_NE(read(with(one)).key, read(with(two)).key);
    EXPECT_NE(read(with(one)).key, read(with(one), kind::oidc).key);
    EXPECT_EQ(read(with(one)).key.find("secret-1"), std::string::npos);
}

class token_answers : public testing::Test {
  protected:
    // The lifetime, or "status type: detail".
    std::string read_answer(const base::result<net::client_response>& answer) const {
        const or_fault<access_token> found = read_token(request_, request_.address, answer);
        if (found.refused) {
            const std::string& type = found.refused->type;
            return std::to_string(found.refused->status) + ' ' + type.substr(type.rfind('/') + 1) +
                   ": " + found.refused->detail;
        }
        return found.content.text + ' ' +
               (found.content.lifetime_ms ? std::to_string(*found.content.lifetime_ms) : "unsaid");
    }

    token_request request_ =
        read(with(R"("grant":"client_credentials","client":{"id":"i","secret":"very-secret"},)"
                  R"("issuers":["https://auth.test"])"));
    const std::string from_ = "https://auth.test/realms/a/oauth2/token";
};

TEST_F(token_answers, give_a_token_and_its_life) {
    const auto with_life = [&](const std::string& life) {
        return read_answer(answered(200, R"({"access_token":"t","expires_in":)" + life + "}"));
    };
    EXPECT_EQ(with_life("60"), "t 60000");
    EXPECT_EQ(with_life("\"60\""), "t 60000");
    EXPECT_EQ(with_life("1.5"), "t 1500");
    EXPECT_EQ(with_life("0"), "t 0");
    EXPECT_EQ(with_life("-5"), "t 0");
    EXPECT_EQ(with_life("\"soon\""), "t 0");
    EXPECT_EQ(with_life("1e99"), "t 315360000000");
    EXPECT_EQ(read_answer(answered(201, R"({"access_token":"t","token_type":"bearer"})")),
              "t unsaid");
}

TEST_F(token_answers, that_refuse_tell_the_reason_and_no_secret) {
    EXPECT_EQ(read_answer(answered(401, R"({"error":"invalid_client","error_description":)"
                                        R"("unknown very-secret\n here"})")),
              "401 authentication: " + from_ +
                  " gave no access token but status 401: invalid_client: unknown [redacted]  here");
    EXPECT_EQ(
        read_answer(answered(400, R"({"error":"invalid_grant"})")),
        "400 authentication: " + from_ + " gave no access token but status 400: invalid_grant");
    EXPECT_EQ(read_answer(answered(200, R"({"error":"bad_verification_code"})")),
              "401 authentication: " + from_ +
                  " gave no access token but status 200: bad_verification_code");
    EXPECT_EQ(read_answer(answered(503, "<html>very-secret</html>")),
              "503 communication: " + from_ + " gave no access token but status 503");
    EXPECT_EQ(read_answer(answered(302, "")),
              "302 communication: " + from_ + " gave no access token but status 302");
    EXPECT_EQ(read_answer(base::make_error(base::error_code::unavailable, "no such host")),
              "503 communication: no access token from " + from_ + ": no such host");
}

TEST_F(token_answers, that_are_no_answers_are_errors_of_communication) {
    for (const char* const body : {"", "null", "[]", "{", "{}", R"({"access_token":""})",
                                   R"({"access_token":7})", R"({"token":"t"})"}) {
        EXPECT_EQ(read_answer(answered(200, body)),
                  "502 communication: " + from_ + " answered without `access_token`")
            << body;
    }
    EXPECT_EQ(read_answer(answered(200, R"({"access_token":"a\r\nX: y"})")),
              "502 communication: " + from_ + " gave a token that no request can carry");
    EXPECT_EQ(read_answer(answered(200, R"({"access_token":"t","token_type":"mac"})")),
              "502 communication: " + from_ + " gave a token that is no bearer token");
}

TEST_F(token_answers, with_a_jwt_of_another_issuer_are_refused) {
    const auto jwt = [](const std::string& claims) {
        return answered(200, R"({"access_token":"e30.)" + base::to_base64url(claims) + R"(.s"})");
    };
    EXPECT_EQ(read_answer(jwt(R"({"iss":"https://other.test"})")),
              "401 authentication: the token from " + from_ + " was made by none of `issuers`");
    EXPECT_NE(read_answer(jwt(R"({"iss":"https://auth.test"})")).find("unsaid"), std::string::npos);
    EXPECT_NE(read_answer(jwt(R"({"sub":"?>~"})")).find("unsaid"), std::string::npos);
    EXPECT_EQ(read_answer(answered(200, R"({"access_token":"opaque.to.us"})")),
              "opaque.to.us unsaid");
}

TEST(discovery, names_the_endpoint_and_does_not_leave_https) {
    const token_request of =
        read(with(R"("grant":"client_credentials","client":{"id":"i"})"), kind::oidc);
    const auto endpoint = [&](int status, const std::string& body) {
        const or_fault<std::string> found = read_discovery(of, answered(status, body));
        return found.refused ? std::to_string(found.refused->status) : found.content;
    };
    EXPECT_EQ(endpoint(200, R"({"token_endpoint":"https://b.test/t"})"), "https://b.test/t");
    EXPECT_EQ(endpoint(200, R"({"token_endpoint":"http://b.test/t"})"), "502");
    EXPECT_EQ(endpoint(200, "{}"), "502");
    EXPECT_EQ(endpoint(200, "<"), "502");
    EXPECT_EQ(endpoint(404, "{}"), "404");
}

}  // namespace
}  // namespace sluice::engine
