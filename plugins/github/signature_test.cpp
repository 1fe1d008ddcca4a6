#include <sluice/encoding.hpp>

#include "github_testing.hpp"

namespace sluice::github::testing {
namespace {

// GitHub's own example: "Validating webhook deliveries" in its documentation.
const std::string secret = "It's a Secret to Everybody";
const std::string payload = "Hello, World!";
const std::string signature =
    "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

json request(json headers, json body = payload) {
    return json{{"method", "POST"},
                {"path", "/"},
                {"query", json::object()},
                {"headers", std::move(headers)},
                {"body", std::move(body)}};
}

json signed_request() {
    return request(json{{"x-hub-signature-256", signature},
                        {"x-github-event", "issues"},
                        {"x-github-delivery", "72d3162e"}});
}

call_result verify(const json& input) {
    mock_host host(sluice_connector_v1);
    return host.run("verifySignature", input);
}

TEST(github_signature, accepts_what_github_signed) {
    const call_result result = verify(json{{"request", signed_request()}, {"secret", secret}});
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output,
              (json{{"verified", true}, {"event", "issues"}, {"delivery", "72d3162e"}}));
}

TEST(github_signature, accepts_each_of_two_active_secrets) {
    for (const json& secrets : {json::array({secret, "new"}), json::array({"new", secret}),
                                json::array({json(), secret}), json::array({secret, ""})}) {
        const call_result result =
            verify(json{{"request", signed_request()}, {"secrets", secrets}});
        EXPECT_TRUE(result.ok) << secrets.dump() << result.explain();
    }
}

TEST(github_signature, refuses_everything_else) {
    json changed = signed_request();
    changed.set("body", payload + " ");
    std::string one_bit = signature;
    one_bit.back() = '6';
    const json bad[] = {
        json{{"request", changed}, {"secret", secret}},
        json{{"request", signed_request()}, {"secret", "It's a secret to everybody"}},
        json{{"request", signed_request()}, {"secrets", json::array({"new", "old"})}},
        json{{"request", request(json::object())}, {"secret", secret}},
        json{{"request", request(json{{"x-hub-signature-256", one_bit}})}, {"secret", secret}},
        json{{"request", request(json{{"x-hub-signature-256", json::array({signature})}})},
             {"secret", secret}},
    };
    for (const json& input : bad) {
        const call_result result = verify(input);
        EXPECT_EQ(result.error.code, SLUICE_AUTH) << input.dump();
        EXPECT_EQ(result.error.message.find(secret), std::string::npos);
        EXPECT_EQ(result.error.message.find("757107ea"), std::string::npos);
    }
}

TEST(github_signature, refuses_malformed_signatures) {
    const std::string digits = signature.substr(7);
    for (const std::string& text :
         {std::string(" "), std::string("sha256="), digits, "sha1=" + digits, "SHA256=" + digits,
          "sha256=" + digits.substr(1), "sha256=" + digits + "00", "sha256=g" + digits.substr(1),
          signature + ", " + signature, " " + signature, "sha256=" + std::string(100'000, 'a')}) {
        const json headers{{"x-hub-signature-256", text}};
        const call_result result = verify(json{{"request", request(headers)}, {"secret", secret}});
        EXPECT_EQ(result.error.code, SLUICE_AUTH) << text.substr(0, 100);
    }
}

TEST(github_signature, refuses_sha1_alone) {
    const json headers{{"x-hub-signature", "sha1=0123456789012345678901234567890123456789"}};
    const call_result result = verify(json{{"request", request(headers)}, {"secret", secret}});
    EXPECT_EQ(result.error.code, SLUICE_AUTH);
    EXPECT_NE(result.error.message.find("SHA-1"), std::string::npos);
}

// Anybody can sign with an empty secret.
TEST(github_signature, never_verifies_without_a_secret) {
    const std::string by_empty_key =
        "sha256=2bbcfa9524f3218c7a34b30e6936f8b1a4516cb097f1a85a1c7d98b5977ec769";
    const json headers{{"x-hub-signature-256", by_empty_key}};
    for (const json& input :
         {json{{"request", request(headers)}}, json{{"request", request(headers)}, {"secret", ""}},
          json{{"request", request(headers)}, {"secrets", json::array()}},
          json{{"request", request(headers)}, {"secrets", json::array({"", json()})}},
          json{{"request", request(headers)}, {"secret", 7}}}) {
        EXPECT_EQ(verify(input).error.code, SLUICE_INVALID_INPUT) << input.dump();
    }
}

TEST(github_signature, verifies_the_raw_bytes) {
    const std::string bytes("\x00\xff\xfe{\"a\": 1}\r\n", 13);
    json raw =
        request(json{{"x-hub-signature-256",
                      "sha256=197dd7db5a394b48fce3e2d46cc5ce47277f12a3bf3047716b5b5d7f907bb0bf"}});
    raw.erase("body");
    raw.set("bodyBase64", base64_encode(bytes));
    const call_result result = verify(json{{"request", raw}, {"secret", secret}});
    EXPECT_TRUE(result.ok) << result.explain();
    EXPECT_TRUE(result.output["event"].is_null());

    raw.set("bodyBase64", "not base64!");
    EXPECT_EQ(verify(json{{"request", raw}, {"secret", secret}}).error.code, SLUICE_INVALID_INPUT);
    raw.erase("bodyBase64");
    EXPECT_EQ(verify(json{{"request", raw}, {"secret", secret}}).error.code, SLUICE_INVALID_INPUT);
}

TEST(github_signature, verifies_empty_and_huge_bodies) {
    const json empty =
        request(json{{"x-hub-signature-256",
                      "sha256=66a0c074deaa0f489ead6537e0d32f9a344b90bbeda705b6ed45ecd3b413fb40"}},
                "");
    EXPECT_TRUE(verify(json{{"request", empty}, {"secret", secret}}).ok);
    const json huge =
        request(json{{"x-hub-signature-256",
                      "sha256=795facdb99afbcea6f7016fa46fecaf5ad27dd41c65d205f1981cd45ca565bb3"}},
                std::string(6'000'000, 'x'));
    EXPECT_TRUE(verify(json{{"request", huge}, {"secret", secret}}).ok);
}

}  // namespace
}  // namespace sluice::github::testing
