#include <chrono>
#include <sluice/encoding.hpp>

#include "http_testing.hpp"
#include "proof.hpp"

namespace sluice::http::testing {
namespace {

constexpr const char* body = R"({"n":1})";

std::string hex(std::string_view bytes) {
    std::string out;
    for (const char c : bytes) {
        out.push_back("0123456789abcdef"[static_cast<unsigned char>(c) >> 4]);
        out.push_back("0123456789abcdef"[static_cast<unsigned char>(c) & 15]);
    }
    return out;
}

json request(const json& headers, const std::string& content = body) {
    return json{{"method", "POST"},
                {"path", "/"},
                {"query", json::object()},
                {"headers", headers},
                {"body", content}};
}

// "yes", "no", or the number of another failure.
std::string verdict(const char* action, json input, const json& of) {
    mock_host host(sluice_connector_v1);
    input.set("request", of);
    const call_result result = host.run(action, input);
    if (result.ok) return result.output["verified"] == json(true) ? "yes" : "?";
    return result.error.code == SLUICE_AUTH ? "no" : std::to_string(result.error.code);
}
std::string hmac_verdict(const json& input, const json& headers) {
    return verdict("verifyHmac", input, request(headers));
}
const std::string invalid = std::to_string(SLUICE_INVALID_INPUT);

std::string now_plus(std::int64_t seconds) {
    const auto since = std::chrono::system_clock::now().time_since_epoch();
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(since).count() +
                          seconds);
}

TEST(http_proof, agrees_with_known_answers) {
    // RFC 2202 and RFC 4231, test case 2.
    const char* text = "what do ya want for nothing?";
    EXPECT_EQ(hex(hmac("sha1", "Jefe", text)), "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    EXPECT_EQ(hex(hmac("sha256", "Jefe", text)),
              "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    EXPECT_EQ(hex(hmac("sha512", "Jefe", text)),
              "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554"
              "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737");
    EXPECT_EQ(decoded("base64url", "_-8"), "\xFF\xEF");
    EXPECT_EQ(decoded("base64", "/+8="), "\xFF\xEF");
    EXPECT_FALSE(decoded("hex", "abc"));
    EXPECT_FALSE(decoded("hex", "zz"));
    EXPECT_TRUE(is_equal("a", "a"));
    EXPECT_FALSE(is_equal("a", "ab"));
}

TEST(http_verify, takes_signatures_of_each_algorithm_and_encoding) {
    for (const char* algorithm : {"sha1", "sha256", "sha512"}) {
        const std::string bytes = hmac(algorithm, "s3cret", body);
        json input{{"secret", "s3cret"}, {"algorithm", algorithm}, {"header", "X-Sig"}};
        EXPECT_EQ(hmac_verdict(input, json{{"x-sig", hex(bytes)}}), "yes");
        EXPECT_EQ(hmac_verdict(input, json{{"x-sig", base64_encode(bytes)}}), "no");
        input.set("encoding", "base64");
        input.set("prefix", "v0=");
        EXPECT_EQ(hmac_verdict(input, json{{"x-sig", "v0=" + base64_encode(bytes)}}), "yes");
        EXPECT_EQ(hmac_verdict(input, json{{"x-sig", base64_encode(bytes)}}), "no");
        EXPECT_EQ(hmac_verdict(input, json{{"x-sig", "v0="}}), "no");
        EXPECT_EQ(hmac_verdict(input, json::object()), "no");
    }
    EXPECT_EQ(hmac_verdict(json{{"secret", "s3cret"}},
                           json{{"x-signature", hex(hmac("sha256", "s3cret", body))}}),
              "yes");
}

TEST(http_verify, refuses_what_is_signed_with_something_else) {
    const json right{{"x-signature", hex(hmac("sha256", "s3cret", body))}};
    EXPECT_EQ(hmac_verdict(json{{"secret", "other"}}, right), "no");
    EXPECT_EQ(hmac_verdict(json{{"secrets", json::array({"other", "s3cret"})}}, right), "yes");
    EXPECT_EQ(verdict("verifyHmac", json{{"secret", "s3cret"}}, request(right, R"({"n":2})")),
              "no");
    const json empty{{"x-signature", hex(hmac("sha256", "", body))}};
    for (const json& input :
         {json::object(), json{{"secret", ""}}, json{{"secrets", json::array()}}}) {
        EXPECT_EQ(hmac_verdict(input, empty), invalid) << "anybody can sign with nothing";
    }
    for (const json& wrong : {json{{"algorithm", "md5"}}, json{{"encoding", "rot13"}},
                              json{{"scheme", "none"}}, json{{"signed", "{timestamp}"}}}) {
        json input = wrong;
        input.set("secret", "s3cret");
        EXPECT_EQ(hmac_verdict(input, right), invalid) << wrong.dump();
    }
}

TEST(http_verify, a_body_that_is_no_text_is_signed_as_it_was_sent) {
    json of = request(json{{"x-signature", hex(hmac("sha256", "s3cret", "\xFF\x01"))}});
    of.erase("body");
    of.set("bodyBase64", base64_encode("\xFF\x01"));
    EXPECT_EQ(verdict("verifyHmac", json{{"secret", "s3cret"}}, of), "yes");
}

TEST(http_verify, a_signed_time_must_be_of_now) {
    json input{
        {"secret", "s3cret"}, {"signed", "v0:{timestamp}:{body}"}, {"timestampHeader", "X-Time"}};
    const auto sent_at = [&](const std::string& at) {
        const std::string signature =
            hex(hmac("sha256", "s3cret", "v0:" + at + ":" + std::string(body)));
        return hmac_verdict(input, json{{"x-time", at}, {"x-signature", signature}});
    };
    EXPECT_EQ(sent_at(now_plus(0)), "yes");
    EXPECT_EQ(sent_at(now_plus(-290)), "yes");
    EXPECT_EQ(sent_at(now_plus(-290) + "000"), "yes") << "milliseconds";
    for (const std::string& at : {now_plus(-310), now_plus(310), std::string(), std::string("soon"),
                                  std::string("-1"), std::string("99999999999999999999")}) {
        EXPECT_EQ(sent_at(at), "no") << at;
    }
    input.set("toleranceSeconds", 1000);
    EXPECT_EQ(sent_at(now_plus(-310)), "yes");
    input.set("toleranceSeconds", 0);
    EXPECT_EQ(sent_at(now_plus(0)), invalid);
    input.set("toleranceSeconds", 300);
    input.set("signed", "{body}");
    EXPECT_EQ(sent_at(now_plus(0)), invalid) << "a time that is not signed proves nothing";
}

TEST(http_verify, takes_standard_webhooks) {
    const std::string key = "a key of some bytes \x01\x02";
    const std::string secret = "whsec_" + base64_encode(key);
    const auto signature = [&](const std::string& id, const std::string& at) {
        return base64_encode(hmac("sha256", key, id + "." + at + "." + body));
    };
    const std::string at = now_plus(0);
    const auto headers = [](const std::string& id, const std::string& when,
                            const std::string& text) {
        return json{{"webhook-id", id}, {"webhook-timestamp", when}, {"webhook-signature", text}};
    };
    const json input{{"scheme", "standardWebhooks"}, {"secret", secret}};
    EXPECT_EQ(hmac_verdict(input, headers("m1", at, "v1," + signature("m1", at))), "yes");
    EXPECT_EQ(hmac_verdict(input, headers("m1", at, "v1a,xx v1,bad= v1," + signature("m1", at))),
              "yes");
    const std::string old = now_plus(-301);
    for (const json& wrong :
         {headers("m2", at, "v1," + signature("m1", at)), headers("m1", at, signature("m1", at)),
          headers("m1", at, "v2," + signature("m1", at)), headers("m1", at, "v1,"),
          headers("m1", at, "v1"), headers("m1", old, "v1," + signature("m1", old)),
          headers("", at, "v1," + signature("", at)), headers("m1", "", "v1,x"), json::object()}) {
        EXPECT_EQ(hmac_verdict(input, wrong), "no") << wrong.dump();
    }
    for (const char* bad : {"whsec_", "whsec_***"}) {
        EXPECT_EQ(hmac_verdict(json{{"scheme", "standardWebhooks"}, {"secret", bad}},
                               headers("m1", at, "v1,x")),
                  invalid);
    }
    const json plain{
        {"scheme", "standardWebhooks"}, {"secret", key.substr(0, 10)}, {"headerPrefix", "Svix"}};
    const std::string by_plain =
        base64_encode(hmac("sha256", key.substr(0, 10), "m1." + at + "." + std::string(body)));
    EXPECT_EQ(hmac_verdict(plain, json{{"svix-id", "m1"},
                                       {"svix-timestamp", at},
                                       {"svix-signature", "v1," + by_plain}}),
              "yes");
}

// https://docs.stripe.com/webhooks
TEST(http_verify, takes_signatures_of_stripe) {
    const std::string secret = "whsec_s3cret";
    const auto signature = [&](const std::string& at, const std::string& with) {
        return hex(hmac("sha256", with, at + "." + body));
    };
    const json input{{"scheme", "stripe"}, {"secret", secret}};
    const auto ask = [&](const std::string& header) {
        return hmac_verdict(input, json{{"stripe-signature", header}});
    };
    const std::string at = now_plus(0);
    const std::string right = signature(at, secret);
    EXPECT_EQ(ask("t=" + at + ",v1=" + right), "yes");
    EXPECT_EQ(ask("t=" + at + ",v1=" + signature(at, "old") + ",v1=" + right + ",v0=00"), "yes");
    const std::string old = now_plus(-301);
    for (const std::string& wrong :
         {"t=" + at + ",v0=" + right, "t=" + at + ",v1=" + signature(at, "old"),
          "t=" + now_plus(1) + ",v1=" + right, "t=" + old + ",v1=" + signature(old, secret),
          "v1=" + right, "t=" + at, "t=" + at + ",v1=", "t=" + at + ",v1=zz", std::string()}) {
        EXPECT_EQ(ask(wrong), "no") << wrong;
    }
    EXPECT_EQ(hmac_verdict(json{{"scheme", "stripe"}, {"secret", secret}, {"header", "X-Sig"}},
                           json{{"x-sig", "t=" + at + ",v1=" + right}}),
              "yes");
}

// https://api.slack.com/events/url_verification
TEST(http_verify, gives_a_word_of_a_signed_body_back) {
    const json challenge{{"body", "challenge"}, {"when", json{{"type", "url_verification"}}}};
    const auto ask = [&](const std::string& content, const std::string& secret,
                         const char* method = "POST") {
        json of = request(json{{"x-signature", hex(hmac("sha256", secret, content))}}, content);
        of.set("method", method);
        mock_host host(sluice_connector_v1);
        return host.run("verifyHmac",
                        json{{"secret", "s3cret"}, {"challenge", challenge}, {"request", of}});
    };
    const std::string asking = R"({"type":"url_verification","challenge":"<w>0rd"})";
    const call_result answer = ask(asking, "s3cret");
    ASSERT_TRUE(answer.ok) << answer.explain();
    EXPECT_EQ(answer.output["respond"].get_or("body", ""), "<w>0rd");
    EXPECT_EQ(answer.output["respond"]["headers"].get_or("Content-Type", ""),
              "text/plain; charset=utf-8");
    EXPECT_EQ(ask(asking, "other").error.code, SLUICE_AUTH) << "only whoever can sign";
    EXPECT_EQ(ask(asking, "other", "GET").error.code, SLUICE_AUTH);
    for (const char* event :
         {R"({"type":"event_callback","challenge":"x"})", R"({"type":"url_verification"})",
          R"({"type":"url_verification","challenge":7})", "no JSON", "[]"}) {
        const call_result result = ask(event, "s3cret");
        ASSERT_TRUE(result.ok) << event << result.explain();
        EXPECT_TRUE(result.output["respond"].is_null()) << event;
    }
    for (const char* method : {"GET", "POST"}) {
        json of = request(json::object());
        of.set("method", method);
        EXPECT_EQ(verdict("verifyHmac", json{{"secret", "s"}, {"challenge", json::object()}}, of),
                  invalid);
    }
}

TEST(http_verify, knows_tokens) {
    const json input{{"token", "t0ken"}};
    const auto with = [](const char* text) { return request(json{{"authorization", text}}); };
    EXPECT_EQ(verdict("verifyBearer", input, with("Bearer t0ken")), "yes");
    EXPECT_EQ(verdict("verifyBearer", input, with("bearer  t0ken")), "yes");
    for (const char* wrong : {"t0ken", "Bearer", "Bearer ", "Bearer t0ke", "Bearer t0ken2",
                              "Basic t0ken", "Bearert0ken", ""}) {
        EXPECT_EQ(verdict("verifyBearer", input, with(wrong)), "no") << wrong;
    }
    EXPECT_EQ(verdict("verifyBearer", input, request(json::object())), "no");
    const json other{{"tokens", json::array({"a", "b"})}, {"header", "X-Token"}, {"scheme", ""}};
    EXPECT_EQ(verdict("verifyBearer", other, request(json{{"x-token", "b"}})), "yes");
    EXPECT_EQ(verdict("verifyBearer", other, request(json{{"x-token", ""}})), "no");
    for (const json& none :
         {json::object(), json{{"tokens", json::array({"", json()})}}, json{{"token", ""}}}) {
        EXPECT_EQ(verdict("verifyBearer", none, with("Bearer ")), invalid) << none.dump();
    }
}

TEST(http_verify, knows_users_and_passwords) {
    const json input{{"username", "ada"}, {"password", "p:w"}};
    const auto with = [](const std::string& pair) {
        return request(json{{"authorization", "Basic " + base64_encode(pair)}});
    };
    EXPECT_EQ(verdict("verifyBasic", input, with("ada:p:w")), "yes");
    for (const char* wrong : {"ada:", "ada:p", ":p:w", "adap:w", "", "Ada:p:w"}) {
        EXPECT_EQ(verdict("verifyBasic", input, with(wrong)), "no") << wrong;
    }
    EXPECT_EQ(verdict("verifyBasic", input, request(json{{"authorization", "Basic ***"}})), "no");
    EXPECT_EQ(verdict("verifyBasic", json{{"username", "ada"}}, with("ada:")), invalid);
}

TEST(http_verify, says_what_it_wants_to_see) {
    const auto asked_for = [](const char* action, json input) {
        input.set("request", request(json::object()));
        mock_host host(sluice_connector_v1);
        return host.run(action, input).error.details.get_or("challenge", "");
    };
    EXPECT_EQ(asked_for("verifyBasic", json{{"username", "ada"}, {"password", "p"}}),
              "Basic realm=\"webhook\"");
    EXPECT_EQ(asked_for("verifyBearer", json{{"token", "t"}}), "Bearer realm=\"webhook\"");
    const auto bearer = [&](const json& more) {
        json input{{"token", "t"}};
        for (const auto& [name, content] : more.members())
            input.set(name, content);
        return asked_for("verifyBearer", input);
    };
    EXPECT_EQ(bearer(json{{"header", "authorization"}, {"scheme", "Token"}}),
              "Token realm=\"webhook\"");
    EXPECT_EQ(bearer(json{{"header", "X-Token"}}), "") << "a challenge is about Authorization";
    EXPECT_EQ(bearer(json{{"header", "X-Token"}, {"scheme", ""}}), "");
    EXPECT_EQ(bearer(json{{"scheme", ""}}), "") << "there is no scheme to name";
}

TEST(http_verify, gives_the_word_back_to_whoever_shows_the_token) {
    const json input{{"secret", "s3cret"}, {"challenge", json{{"token", "t0ken"}}}};
    const auto ask = [&](const json& query, const char* method = "GET") {
        json of = request(json::object(), "");
        of.set("method", method);
        of.set("query", query);
        json with = input;
        with.set("request", of);
        mock_host host(sluice_connector_v1);
        return host.run("verifyHmac", with);
    };
    const json right{{"hub.verify_token", "t0ken"}, {"hub.challenge", "<b>17"}};
    const call_result answer = ask(right);
    ASSERT_TRUE(answer.ok) << answer.explain();
    EXPECT_EQ(answer.output["respond"].get_or("body", ""), "<b>17");
    const json& headers = answer.output["respond"]["headers"];
    EXPECT_EQ(headers.get_or("Content-Type", ""), "text/plain; charset=utf-8");
    EXPECT_EQ(headers.get_or("X-Content-Type-Options", ""), "nosniff");
    EXPECT_EQ(ask(json{{"hub.challenge", "17"}}).error.code, SLUICE_AUTH);
    EXPECT_EQ(ask(json{{"hub.verify_token", "t"}}).error.code, SLUICE_AUTH);
    EXPECT_EQ(ask(right, "POST").error.code, SLUICE_AUTH) << "a POST has to be signed";
}

TEST(http_verify, makes_events_of_a_list) {
    const auto said = [](json input, const std::string& content) {
        input.set("username", "a");
        input.set("password", "b");
        input.set("request", request(json{{"authorization", "Basic YTpi"}}, content));
        mock_host host(sluice_connector_v1);
        return host.run("verifyBasic", input);
    };
    const json split{{"list", "data.events"}, {"dedupe", "id"}, {"key", "of.account"}};
    const call_result many =
        said(json{{"split", split}, {"acknowledge", json{{"body", "ok"}}}},
             R"({"data":{"events":[{"id":7,"of":{"account":"x"}},{"id":"8"},"text"]}})");
    ASSERT_TRUE(many.ok) << many.explain();
    EXPECT_EQ(many.output["events"].dump(),
              R"([{"body":{"id":7,"of":{"account":"x"}},"dedupe":"7","key":"x"},)"
              R"({"body":{"id":"8"},"dedupe":"8"},{"body":"text"}])");
    EXPECT_EQ(many.output["acknowledge"].get_or("body", ""), "ok");
    EXPECT_EQ(said(json{{"split", json::object()}}, "[1,2]").output["events"].size(), 2u);
    EXPECT_EQ(said(json{{"split", json::object()}}, "[]").output["events"].size(), 0u);
    EXPECT_EQ(said(json{{"split", json::object()}}, R"({"a":1})").output["events"].dump(),
              R"([{"body":{"a":1}}])");
    std::string thousand_and_one = "[0";
    for (int i = 0; i < 1000; ++i)
        thousand_and_one += ",0";
    for (const std::string& wrong : {std::string("{"), std::string("7"), thousand_and_one + "]"}) {
        EXPECT_EQ(said(json{{"split", json::object()}}, wrong).error.code, SLUICE_INVALID_INPUT);
    }
    EXPECT_EQ(said(json{{"split", "data"}}, "[]").error.code, SLUICE_INVALID_INPUT);
    EXPECT_EQ(said(json{{"split", json{{"dedupe", "of"}}}}, R"([{"of":{}}])").error.code,
              SLUICE_INVALID_INPUT);
}

}  // namespace
}  // namespace sluice::http::testing
