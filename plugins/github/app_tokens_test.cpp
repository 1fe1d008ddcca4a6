#include "app_tokens.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <memory>
#include <sluice/encoding.hpp>

#include "github_testing.hpp"

namespace sluice::github::testing {
namespace {

using key_pointer = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

// One key for all tests: it takes a while to make.
EVP_PKEY* key() {
    static const key_pointer made(EVP_RSA_gen(2048), &EVP_PKEY_free);
    return made.get();
}

std::string pem_of(EVP_PKEY* some) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), &BIO_free);
    PEM_write_bio_PrivateKey(out.get(), some, nullptr, nullptr, 0, nullptr, nullptr);
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(out.get(), &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

std::string from_base64_url(std::string text) {
    for (char& c : text) {
        if (c == '-') c = '+';
        if (c == '_') c = '/';
    }
    while (text.size() % 4 != 0)
        text += '=';
    return base64_decode(text).value_or("not base64");
}

bool is_signed_by(EVP_PKEY* signer, const std::string& text, const std::string& signature) {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> digest(EVP_MD_CTX_new(),
                                                                         &EVP_MD_CTX_free);
    EVP_DigestVerifyInit(digest.get(), nullptr, EVP_sha256(), nullptr, signer);
    return EVP_DigestVerify(digest.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                            signature.size(), reinterpret_cast<const unsigned char*>(text.data()),
                            text.size()) == 1;
}

json app_connection() {
    return json{
        {"type", "app"}, {"appId", "12"}, {"installationId", 345}, {"privateKey", pem_of(key())}};
}

const std::string tokens = base + "/app/installations/345/access_tokens";
const json of_hello{{"repository", "octo/hello"}};

TEST(github_app, says_who_it_is_signed_and_for_ten_minutes_at_most) {
    const std::string statement = app_statement({"12", pem_of(key()), "345"}, 1'000'000);
    const std::size_t first = statement.find('.');
    const std::size_t second = statement.rfind('.');
    ASSERT_LT(first, second);
    EXPECT_EQ(json::parse(from_base64_url(statement.substr(0, first))),
              (json{{"alg", "RS256"}, {"typ", "JWT"}}));
    const json claims =
        json::parse(from_base64_url(statement.substr(first + 1, second - first - 1)));
    EXPECT_EQ(claims["iss"], json("12"));
    EXPECT_EQ(claims["iat"], json(1'000'000 - 60)) << "our clock may be ahead";
    EXPECT_LE(claims.get_or("exp", 0), 1'000'000 + 600);
    EXPECT_GT(claims.get_or("exp", 0), 1'000'000 + 60);
    EXPECT_TRUE(is_signed_by(key(), statement.substr(0, second),
                             from_base64_url(statement.substr(second + 1))));
    EXPECT_EQ(statement.find_first_of("+/="), statement.npos);
}

TEST(github_app, gets_a_token_once_for_many_calls) {
    mock_host host(sluice_connector_v1);
    host.on("POST", tokens)
        .reply(201, R"({"token": "ghs_1", "expires_at": "2026-01-31T13:00:00Z"})");
    host.on("GET", hello).reply(200, R"({"id": 1})");
    for (int i = 0; i < 3; ++i) {
        const call_result result = host.run("getRepository", of_hello, app_connection());
        ASSERT_TRUE(result.ok) << result.explain();
    }
    ASSERT_EQ(host.requests().size(), 4u);
    EXPECT_TRUE(host.requests()[0].header("Authorization").starts_with("Bearer ey"));
    for (const std::size_t call : {1u, 2u, 3u})
        EXPECT_EQ(host.requests()[call].header("Authorization"), "Bearer ghs_1");
}

TEST(github_app, gets_another_token_before_the_old_one_ends) {
    mock_host host(sluice_connector_v1);
    host.set_unix_ms(1'769'860'800'000);
    host.on("POST", tokens).reply(201, R"({"token": "ghs_1"})").reply(201, R"({"token": "ghs_2"})");
    host.on("GET", hello).reply(200, "{}");
    host.run("getRepository", of_hello, app_connection());
    host.set_unix_ms(1'769'860'800'000 + 56 * 60'000);
    host.run("getRepository", of_hello, app_connection());
    EXPECT_EQ(host.requests().back().header("Authorization"), "Bearer ghs_2");
}

TEST(github_app, shares_no_token_with_another_connection) {
    mock_host host(sluice_connector_v1);
    host.on("POST", base + "/app/installations/*").reply(201, R"({"token": "ghs_1"})");
    host.on("GET", hello).reply(200, "{}");
    json other = app_connection();
    other.set("installationId", "346");
    json another_app = app_connection();
    another_app.set("appId", "13");
    for (const json& connection : {app_connection(), other, another_app})
        ASSERT_TRUE(host.run("getRepository", of_hello, connection).ok);
    EXPECT_EQ(host.requests().size(), 6u);
}

TEST(github_app, gets_another_token_when_one_is_refused_but_only_one) {
    mock_host host(sluice_connector_v1);
    host.on("POST", tokens).reply(201, R"({"token": "ghs_1"})").reply(201, R"({"token": "ghs_2"})");
    host.on("GET", hello)
        .when([](const recorded_request& request) {
            return request.header("Authorization") == "Bearer ghs_1";
        })
        .reply(401, "{}");
    host.on("GET", hello).reply(200, R"({"id": 1})").reply(401, "{}");
    EXPECT_TRUE(host.run("getRepository", of_hello, app_connection()).ok);
    EXPECT_EQ(host.requests().size(), 4u);
    const call_result refused = host.run("getRepository", of_hello, app_connection());
    EXPECT_EQ(refused.error.code, SLUICE_AUTH) << refused.explain();
    EXPECT_EQ(host.requests().size(), 7u);
}

TEST(github_app, believes_githubs_clock_when_its_own_is_refused) {
    mock_host host(sluice_connector_v1);
    host.on("POST", tokens)
        .reply(401, R"({"message": "'Issued at' claim ('iat') must be an Integer in the past"})",
               {{"Date", "Sat, 31 Jan 2026 12:00:00 GMT"}})
        .reply(201, R"({"token": "ghs_1"})");
    host.on("GET", hello).reply(200, "{}");
    ASSERT_TRUE(host.run("getRepository", of_hello, app_connection()).ok);
    const std::string statement(host.requests().at(1).header("Authorization").substr(7));
    const std::size_t first = statement.find('.');
    const json claims =
        json::parse(from_base64_url(statement.substr(first + 1, statement.rfind('.') - first - 1)));
    EXPECT_EQ(claims["iat"], json(1'769'860'800 - 60));
}

TEST(github_app, tells_why_it_gets_none) {
    mock_host host(sluice_connector_v1);
    host.on("POST", tokens)
        .reply(404, R"({"message": "Integration not found"})")
        .reply(201, "{}")
        .fail(SLUICE_UNAVAILABLE, "the connection was reset");
    for (const sluice_code code : {SLUICE_NOT_FOUND, SLUICE_UNAVAILABLE, SLUICE_UNAVAILABLE}) {
        const call_result result = host.run("getRepository", of_hello, app_connection());
        EXPECT_EQ(result.error.code, code) << result.explain();
    }
}

TEST(github_app, refuses_keys_that_cannot_sign) {
    mock_host host(sluice_connector_v1);
    const key_pointer curve(EVP_EC_gen("P-256"), &EVP_PKEY_free);
    const std::string encrypted =
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIE\n-----END ENCRYPTED PRIVATE KEY-----\n";
    for (const std::string& pem : {std::string("no key"), pem_of(curve.get()), encrypted}) {
        json connection = app_connection();
        connection.set("privateKey", pem);
        const call_result result = host.run("getRepository", of_hello, connection);
        EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT) << result.explain();
    }
    json half = app_connection();
    half.erase("installationId");
    EXPECT_EQ(host.run("getRepository", of_hello, half).error.code, SLUICE_INVALID_INPUT);
    EXPECT_TRUE(host.requests().empty());
}

TEST(github_app, ends_when_it_is_cancelled_while_it_gets_a_token) {
    for (unsigned n = 0; n < 2; ++n) {
        mock_host host(sluice_connector_v1);
        host.on("POST", tokens).reply(201, R"({"token": "ghs_1"})");
        host.on("GET", hello).reply(200, "{}");
        const call_result result =
            host.run_cancelled_at(n, "getRepository", of_hello, app_connection());
        EXPECT_EQ(result.error.code, SLUICE_CANCELLED) << n << result.explain();
        EXPECT_TRUE(result.problems.empty()) << result.explain();
    }
}

TEST(github_app_tokens, are_kept_until_shortly_before_their_end) {
    app_tokens kept;
    kept.keep("a", "t1", 1000);
    EXPECT_EQ(kept.find("a", 1000 + 3000), "t1");
    EXPECT_FALSE(kept.find("a", 1000 + 3500));
    EXPECT_FALSE(kept.find("b", 1000));
    kept.forget("a", "another");
    EXPECT_EQ(kept.find("a", 1000), "t1");
    kept.forget("a", "t1");
    EXPECT_FALSE(kept.find("a", 1000));
    for (int i = 0; i < 10'100; ++i)
        kept.keep(std::to_string(i), "t", 1000);
    EXPECT_TRUE(kept.find("10099", 1000)) << "however many there are";
}

TEST(github_app_tokens, are_told_apart_by_everything_and_hold_no_secret) {
    const app_identity app{"12", "the-private-key", "345"};
    const std::string one = token_key("https://a.test", app);
    EXPECT_EQ(one, token_key("https://a.test", app));
    EXPECT_NE(one, token_key("https://b.test", app));
    EXPECT_NE(one, token_key("https://a.test", {"12", "another-key", "345"}));
    EXPECT_NE(one, token_key("https://a.test", {"1", "the-private-key", "2345"}));
    EXPECT_EQ(one.find("private"), one.npos);
}

}  // namespace
}  // namespace sluice::github::testing
