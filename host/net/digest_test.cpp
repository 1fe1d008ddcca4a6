// Answers to Digest challenges: the vectors of RFC 7616 and RFC 2617, and odd challenges.
#include "net/digest.hpp"

#include <gtest/gtest.h>

namespace sluice::net {
namespace {

headers challenge(std::string_view text) { return headers{{"WWW-Authenticate", text}}; }

// The value of one parameter of the answer, without its quotes.
std::string parameter(const std::string& answer, const std::string& name) {
    std::size_t from = answer.find(' ' + name + '=');
    if (from == std::string::npos) return "none";
    from += name.size() + 2;
    const bool is_quoted = answer[from] == '"';
    return is_quoted ? answer.substr(from + 1, answer.find('"', from + 1) - from - 1)
                     : answer.substr(from, answer.find(',', from) - from);
}

constexpr const char* rfc_challenge =
    R"(Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, )"
    R"(nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", )"
    R"(opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS")";
constexpr std::string_view rfc_client_nonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
constexpr digest_credentials mufasa{"Mufasa", "Circle of Life"};

std::string answer(const headers& fields, const digest_credentials& who = mufasa) {
    const auto found = find_digest_challenge(fields);
    if (!found) return "no challenge";
    return digest_authorization(*found, who, "GET", "/dir/index.html", rfc_client_nonce);
}

TEST(digest, gives_the_answer_of_rfc_7616_with_md5) {
    EXPECT_EQ(
        answer(challenge(rfc_challenge)),
        R"(Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", )"
        R"(algorithm=MD5, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, )"
        R"(cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, )"
        R"(response="8ca523f5e9506fed4657c9700eebdbec", )"
        R"(opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS")");
}

TEST(digest, gives_the_answer_of_rfc_7616_with_sha_256) {
    std::string text = rfc_challenge;
    text.replace(text.find("MD5"), 3, "SHA-256");
    EXPECT_EQ(parameter(answer(challenge(text)), "response"),
              "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1");
    EXPECT_EQ(parameter(answer(challenge(text)), "algorithm"), "SHA-256");
}

TEST(digest, gives_the_answer_of_rfc_2617) {
    const auto found = find_digest_challenge(challenge(
        R"(Digest realm="testrealm@host.com",qop="auth,auth-int",)"
        R"(nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",opaque="5ccc069c403ebaf9f0171e9517f40e41")"));
    ASSERT_TRUE(found);
    EXPECT_EQ(parameter(digest_authorization(*found, {"Mufasa", "Circle Of Life"}, "GET",
                                             "/dir/index.html", "0a4f113b"),
                        "response"),
              "6629fae49393a05397450978507c4ef1");
}

TEST(digest, without_qop_is_that_of_rfc_2069) {
    const std::string made = answer(challenge(R"(Digest realm="testrealm@host.com", )"
                                              R"(nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093")"),
                                    {"Mufasa", "CircleOfLife"});
    EXPECT_EQ(parameter(made, "response"), "1949323746fe6a43ef61f9606e7febea");
    for (const char* const absent : {"nc", "cnonce", "qop", "algorithm", "opaque"})
        EXPECT_EQ(parameter(made, absent), "none");
}

// Computed with Python's hashlib from the formula of RFC 7616, section 3.4.2.
TEST(digest, of_a_session_mixes_both_nonces_into_the_first_part) {
    std::string text = rfc_challenge;
    text.replace(text.find("MD5"), 3, "MD5-sess");
    EXPECT_EQ(parameter(answer(challenge(text)), "response"), "e783283f46242139c486a698fec7211d");
    text.replace(text.find("MD5-sess"), 8, "SHA-256-sess");
    EXPECT_EQ(parameter(answer(challenge(text)), "response"),
              "2fd51b3a77ad75bad6afad6003e818d767133c46d9e2749e7f5232ae1ea3efd7");
}

TEST(digest, hashes_the_user_when_the_server_asks_and_spells_out_other_alphabets) {
    const std::string hashed = answer(challenge(std::string(rfc_challenge) + ", userhash=true"));
    EXPECT_EQ(parameter(hashed, "username"), "4238f3a16167373febb9bc4d43db9cc4");
    EXPECT_EQ(parameter(hashed, "userhash"), "true");
    EXPECT_NE(answer(challenge(rfc_challenge), {"J\xC3\xA4s\xC3\xB8n", "x"})
                  .find("username*=UTF-8''J%C3%A4s%C3%B8n,"),
              std::string::npos);
    EXPECT_NE(answer(challenge(rfc_challenge), {R"(a"b\c)", "x"}).find(R"(username="a\"b\\c")"),
              std::string::npos);
}

TEST(digest, is_found_among_other_challenges) {
    const auto realm = [](const headers& fields) {
        const auto found = find_digest_challenge(fields);
        return found ? found->realm : "none";
    };
    EXPECT_EQ(realm(challenge(R"(Basic realm="a, Digest realm=b", Digest realm="c", nonce=n)")),
              "c");
    EXPECT_EQ(realm(challenge(R"(Negotiate YWJj==, digest nonce = "n" , realm = d)")), "d");
    EXPECT_EQ(realm(challenge(R"(NTLM, Digest realm="e", nonce="n", Basic realm="f")")), "e");
    EXPECT_EQ(realm(challenge(R"(Digest realm= "a\"b", nonce="n")")), "a\"b");
    EXPECT_EQ(realm(headers{{"WWW-Authenticate", "Basic realm=x"},
                            {"WWW-Authenticate", "Digest realm=g, nonce=n"}}),
              "g");
    // The first that can be answered.
    EXPECT_EQ(realm(challenge(R"(Digest realm="h", nonce="n", algorithm=SHA-512-256, )"
                              R"(Digest realm="i", nonce="n", algorithm=SHA-256, )"
                              R"(Digest realm="j", nonce="n", algorithm=MD5)")),
              "i");
}

TEST(digest, passes_over_what_it_cannot_answer) {
    for (const char* const text :
         {"", "Basic realm=a", "Digest", "Digest realm=a", "Digest realm=\"a\", nonce",
          "Digest nonce=n, qop=auth-int", "Digest nonce=n, algorithm=SHA-1", "Digestnonce=n",
          "Digest =,=,,=", "nonce=n"}) {
        EXPECT_FALSE(find_digest_challenge(challenge(text))) << text;
    }
}

TEST(digest, knows_a_stale_nonce) {
    EXPECT_TRUE(find_digest_challenge(challenge("Digest nonce=n, stale=TRUE"))->stale);
    EXPECT_FALSE(find_digest_challenge(challenge("Digest nonce=n, stale=false"))->stale);
}

}  // namespace
}  // namespace sluice::net
