#include "sluice/webhook_signature.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace sluice {
namespace {

// RFC 4231, test case 2.
const std::string body = "what do ya want for nothing?";
const std::string digits = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";

bool is_signed(const std::string& signature, const std::vector<std::string>& secrets = {"Jefe"}) {
    return is_webhook_signed(body, signature, secrets);
}

sluice_code code_of(const std::function<void()>& work) {
    try {
        work();
    } catch (const failure& thrown) {
        return thrown.code();
    }
    return SLUICE_OK;
}

// RFC 4231, test cases 1, 2 and 6 (a key longer than a block).
TEST(webhook_signature, computes_published_vectors) {
    EXPECT_TRUE(is_webhook_signed(
        "Hi There", "sha256=b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        {std::string(20, '\x0b')}));
    EXPECT_TRUE(is_signed("sha256=" + digits));
    EXPECT_TRUE(
        is_webhook_signed("Test Using Larger Than Block-Size Key - Hash Key First",
                          "sha256=60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
                          {std::string(131, '\xaa')}));
}

TEST(webhook_signature, any_of_the_secrets_will_do_and_no_other) {
    EXPECT_TRUE(is_signed("sha256=" + digits, {"new", "Jefe"}));
    EXPECT_TRUE(is_signed("sha256=" + digits, {"Jefe", "new"}));
    EXPECT_FALSE(is_signed("sha256=" + digits, {"new", "jefe"}));
    EXPECT_FALSE(is_signed("sha256=" + digits, {}));
}

TEST(webhook_signature, refuses_malformed_ones) {
    for (const std::string& wrong :
         {std::string(), std::string("sha256="), digits, "SHA256=" + digits, "sha1=" + digits,
          "sha256=" + digits.substr(1), "sha256=" + digits + "0", " sha256=" + digits,
          "sha256=" + digits.substr(0, 63) + "g", "sha256=" + digits.substr(0, 63) + "2"}) {
        EXPECT_FALSE(is_signed(wrong)) << wrong;
    }
}

TEST(webhook_signature, takes_the_raw_bytes_of_a_request) {
    EXPECT_EQ(raw_webhook_body(json{{"body", "a"}}), "a");
    EXPECT_EQ(raw_webhook_body(json{{"bodyBase64", "AP8="}}), std::string("\0\xff", 2));
    EXPECT_EQ(code_of([] { raw_webhook_body(json::object()); }), SLUICE_INVALID_INPUT);
    EXPECT_EQ(code_of([] { raw_webhook_body(json{{"bodyBase64", "?"}}); }), SLUICE_INVALID_INPUT);
}

// Anybody can sign with an empty secret.
TEST(webhook_signature, never_takes_an_empty_secret) {
    EXPECT_EQ(webhook_secrets(json{{"secret", "a"}, {"secrets", json::array({"", "b", json()})}}),
              (std::vector<std::string>{"a", "b"}));
    for (const json& input : {json::object(), json{{"secret", ""}}, json{{"secret", 7}},
                              json{{"secrets", json::array({"", json()})}}}) {
        EXPECT_EQ(code_of([&] { webhook_secrets(input); }), SLUICE_INVALID_INPUT) << input.dump();
    }
}

}  // namespace
}  // namespace sluice
