#include <sluice/encoding.hpp>

#include "dropbox_testing.hpp"

namespace sluice::dropbox::testing {
namespace {

const std::string secret = "app-s3cret";
const std::string body =
    R"({"list_folder": {"accounts": ["dbid:AAB", "dbid:AAA", "dbid:AAB"]}, "delta": {"users": [1, 2]}})";
// HMAC-SHA256 by Python's hmac.
const std::string signature = "6629e91c668670bf7fd739a7072d8eb76a7267c921e57070b0b9cb049c750bde";

json post(json headers = json{{"x-dropbox-signature", signature}}, const std::string& text = body) {
    return json{{"method", "POST"},
                {"path", "/hooks/T"},
                {"query", json::object()},
                {"headers", std::move(headers)},
                {"body", text}};
}

json get(json query) {
    return json{{"method", "GET"},
                {"path", "/hooks/T"},
                {"query", std::move(query)},
                {"headers", json::object()},
                {"body", ""}};
}

call_result receive(json request, json more = json{{"secret", secret}}) {
    mock_host host(sluice_connector_v1);
    more.set("request", std::move(request));
    return host.run("receiveNotification", more);
}

TEST(dropbox_notifications, answers_the_challenge_as_plain_text) {
    const call_result result = receive(get(json{{"challenge", "<script>abc"}}));
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output["respond"],
              (json{{"status", 200},
                    {"headers",
                     json{{"Content-Type", "text/plain"}, {"X-Content-Type-Options", "nosniff"}}},
                    {"body", "<script>abc"}}));
    EXPECT_FALSE(result.output.contains("events"));
}

TEST(dropbox_notifications, refuses_other_get_requests) {
    for (const json& query :
         {json::object(), json{{"challenge", ""}}, json{{"challenge", std::string(2000, 'x')}},
          json{{"challenge", json::array({"a", "b"})}}}) {
        EXPECT_EQ(receive(get(query)).error.code, SLUICE_AUTH) << query.dump().substr(0, 100);
    }
}

TEST(dropbox_notifications, become_one_event_for_each_account) {
    const call_result result = receive(post());
    ASSERT_TRUE(result.ok) << result.explain();
    EXPECT_EQ(result.output["verified"], json(true));
    EXPECT_EQ(result.output["events"],
              json::array({json{{"body", json{{"account", "dbid:AAA"}}}, {"key", "dbid:AAA"}},
                           json{{"body", json{{"account", "dbid:AAB"}}}, {"key", "dbid:AAB"}}}));
    EXPECT_EQ(result.output["acknowledge"]["status"], json(200));
    EXPECT_EQ(result.output["acknowledge"]["body"], json(""));
    EXPECT_FALSE(result.output.contains("respond"));
}

TEST(dropbox_notifications, of_other_accounts_are_acknowledged_and_left_out) {
    json more{{"secret", secret}, {"accounts", json::array({"dbid:AAB", "dbid:ZZZ"})}};
    const call_result one = receive(post(), more);
    EXPECT_EQ(one.output["events"].size(), 1u) << one.explain();
    EXPECT_EQ(one.output["events"][0]["key"], json("dbid:AAB"));
    more.set("accounts", json::array());
    EXPECT_EQ(receive(post(), more).output["events"], json::array());
}

TEST(dropbox_notifications, must_be_signed_with_the_secret) {
    std::string one_bit = signature;
    one_bit.back() = 'f';
    for (const json& request : {post(json::object()), post(json{{"x-dropbox-signature", one_bit}}),
                                post(json{{"x-dropbox-signature", "sha256=" + signature}}),
                                post(json{{"x-dropbox-signature", ""}}),
                                post(json{{"x-dropbox-signature", json::array({signature})}}),
                                post(json{{"x-dropbox-signature", signature}}, body + " ")}) {
        const call_result result = receive(request);
        EXPECT_EQ(result.error.code, SLUICE_AUTH) << result.explain();
        EXPECT_EQ(result.error.message.find(secret), std::string::npos);
    }
    EXPECT_EQ(receive(post(), json{{"secret", "other"}}).error.code, SLUICE_AUTH);
    EXPECT_EQ(receive(post(), json{{"secret", ""}}).error.code, SLUICE_INVALID_INPUT);
    EXPECT_EQ(receive(post(), json::object()).error.code, SLUICE_INVALID_INPUT);
    EXPECT_TRUE(receive(post(), json{{"secrets", json::array({"new", secret})}}).ok);
}

TEST(dropbox_notifications, are_verified_over_the_raw_bytes) {
    json raw = post();
    raw.erase("body");
    raw.set("bodyBase64", base64_encode(body));
    EXPECT_TRUE(receive(raw).ok);
    raw.set("bodyBase64", base64_encode(body + "\n"));
    EXPECT_EQ(receive(raw).error.code, SLUICE_AUTH);
}

// Signed, but not what Dropbox sends; computed by Python's hmac, as above.
TEST(dropbox_notifications, that_say_nothing_start_nothing) {
    const std::pair<const char*, const char*> signed_texts[] = {
        {"{}", "d1f284097517ce68cd9996aedc8cc99d5cdb5e7262652b00ff3b1ed29b167819"},
        {R"({"list_folder": {"accounts": []}})",
         "3348c22e68069ce05ec2a231af039f26adf7ecc7b394e00735dc9297f71c2b26"},
        {R"({"list_folder": {"accounts": [7, null]}})",
         "be2ac4c6815c9c41787dc450a7ba35a5fceecf4ad1c58d55159da488591a6c55"},
    };
    for (const auto& [text, by] : signed_texts) {
        const call_result result = receive(post(json{{"x-dropbox-signature", by}}, text));
        EXPECT_EQ(result.output["events"], json::array()) << result.explain();
    }
    const call_result broken =
        receive(post(json{{"x-dropbox-signature",
                           "da11e4d44c940b1c578fe602d8c434f70f8431a2c93142946da5e9407481c701"}},
                     "{"));
    EXPECT_EQ(broken.error.code, SLUICE_INVALID_INPUT) << broken.explain();
}

}  // namespace
}  // namespace sluice::dropbox::testing
