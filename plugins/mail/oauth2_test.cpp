// The login by an access token, byte for byte, and what a server's refusal of one means.
#include <sluice/encoding.hpp>

#include "imap_testing.hpp"

namespace sluice::mail::testing {
namespace {

const std::string ends_part(1, '\x01');
const std::string xoauth2 =
    base64_encode("user=ada@example.com" + ends_part + "auth=Bearer t0k3n" + ends_part + ends_part);

std::string oauthbearer(int port) {
    return base64_encode("n,a=ada@example.com," + ends_part + "host=127.0.0.1" + ends_part +
                         "port=" + std::to_string(port) + ends_part + "auth=Bearer t0k3n" +
                         ends_part + ends_part);
}

std::string challenge(const std::string& status) {
    return base64_encode(json{{"status", status}, {"schemes", "Bearer"}, {"scope", "mail"}}.dump());
}

std::vector<step> smtp_greeting() {
    return {{"", "220 mail.test\r\n"},
            {"EHLO", "250-mail.test\r\n250 AUTH EXTERNAL CRAM-MD5 PLAIN OAUTHBEARER XOAUTH2\r\n"}};
}

std::vector<step> imap_greeting() {
    const std::string all =
        "IMAP4rev1 SASL-IR AUTH=EXTERNAL AUTH=PLAIN AUTH=OAUTHBEARER "
        "AUTH=XOAUTH2\r\n";
    return {{"", "* OK hello\r\n"}, {"TAG CAPABILITY", "* CAPABILITY " + all + "TAG OK done\r\n"}};
}

class oauth2_test : public ::testing::Test {
  protected:
    // The test of a connection, against a server that does as the script says.
    call_result check(const std::string& type, std::vector<step> script,
                      const json& changes = json::object()) {
        scripted_server server({std::move(script)});
        port_ = server.port();
        json connection = server.connection(type);
        for (const auto& [key, value] : changes.members())
            connection.set(key, value);
        call_result result =
            host_.run(type == "smtpOauth2" ? "checkSmtp" : "checkImap", json::object(), connection);
        host_.pass_time(3'600'000);
        lines_ = server.lines();
        return result;
    }
    call_result refused(const std::string& type, std::vector<step> script,
                        const json& changes = json::object()) {
        call_result result = check(type, std::move(script), changes);
        EXPECT_FALSE(result.ok);
        EXPECT_EQ(result.explain().find("t0k3n"), std::string::npos) << result.explain();
        return result;
    }
    bool said(const std::string& line) const {
        return std::ranges::find(lines_, line) != lines_.end();
    }

    mock_host host_{sluice_connector_v1};
    std::vector<std::string> lines_;
    int port_ = 0;
};

const json bearer{{"mechanism", "oauthbearer"}};

TEST_F(oauth2_test, a_token_is_shown_to_an_smtp_server) {
    const std::vector<step> rest{{"*", "235 in\r\n"}, {"NOOP", "250 ok\r\n"}};
    call_result result = check(
        "smtpOauth2", smtp_greeting() + std::vector<step>{{"AUTH XOAUTH2", "334 \r\n"}} + rest);
    EXPECT_TRUE(result.ok) << result.explain();
    EXPECT_TRUE(said(xoauth2)) << lines_.back();
    result =
        check("smtpOauth2",
              smtp_greeting() + std::vector<step>{{"AUTH OAUTHBEARER", "334 \r\n"}} + rest, bearer);
    EXPECT_TRUE(result.ok) << result.explain();
    EXPECT_TRUE(said(oauthbearer(port_)));
}

TEST_F(oauth2_test, a_token_is_shown_to_an_imap_server) {
    const step list{"TAG LIST", "* LIST () \"/\" INBOX\r\nTAG OK done\r\n"};
    call_result result = check(
        "imapOauth2",
        imap_greeting() +
            std::vector<step>{{"TAG AUTHENTICATE XOAUTH2 " + xoauth2, "TAG OK in\r\n"}, list});
    EXPECT_TRUE(result.ok) << result.explain();
    result = check("imapOauth2",
                   imap_greeting() +
                       std::vector<step>{{"TAG AUTHENTICATE OAUTHBEARER", "TAG OK in\r\n"}, list},
                   bearer);
    EXPECT_TRUE(result.ok) << result.explain();
    EXPECT_TRUE(said("A002 AUTHENTICATE OAUTHBEARER " + oauthbearer(port_))) << lines_.back();
}

TEST_F(oauth2_test, every_action_works_with_a_token) {
    std::vector<step> taken = smtp_greeting() + std::vector<step>{{"AUTH XOAUTH2", "334 \r\n"},
                                                                  {"*", "235 in\r\n"},
                                                                  {"MAIL FROM:", "250 ok\r\n"},
                                                                  {"RCPT TO:", "250 ok\r\n"},
                                                                  {"DATA", "354 go on\r\n"}};
    step end{"", "250 queued\r\n"};
    end.reads_message = true;
    taken.push_back(end);
    scripted_server smtp({taken});
    const call_result sent = host_.run("send", json{{"to", "bob@example.com"}, {"text", "Hello"}},
                                       smtp.connection("smtpOauth2"));
    EXPECT_TRUE(sent.ok) << sent.explain();
    scripted_server imap(
        {imap_greeting() + std::vector<step>{{"TAG AUTHENTICATE XOAUTH2", "TAG OK in\r\n"},
                                             {"TAG EXAMINE", examined}}});
    const call_result listed =
        host_.run("listNewMessages", json::object(), imap.connection("imapOauth2"));
    EXPECT_TRUE(listed.ok) << listed.explain();
    EXPECT_EQ(listed.output["cursor"], json("77.12"));
    host_.pass_time(3'600'000);
}

// As they do it: XOAUTH2 with its reason as a challenge, or at once; OAUTHBEARER with both.
TEST_F(oauth2_test, a_refused_token_is_one_for_which_the_host_gets_another) {
    const std::string reason = challenge("401");
    const std::vector<step> xoauth2_is_refused[] = {
        {{"AUTH XOAUTH2", "334 \r\n"}, {"*", "334 " + reason + "\r\n"}},
        {{"AUTH XOAUTH2", "334 \r\n"}, {"*", "535 5.7.8 not accepted\r\n"}},
        {{"AUTH XOAUTH2", "535 5.7.3 unsuccessful\r\n"}}};
    for (const std::vector<step>& script : xoauth2_is_refused) {
        const call_result result = refused("smtpOauth2", smtp_greeting() + script);
        EXPECT_EQ(result.error.code, SLUICE_AUTH) << result.explain();
        EXPECT_EQ(result.error.http_status, 401u) << result.explain();
    }
    call_result result = refused(
        "imapOauth2",
        imap_greeting() + std::vector<step>{{"TAG AUTHENTICATE XOAUTH2", "+ " + reason + "\r\n"}});
    EXPECT_EQ(result.error.code, SLUICE_AUTH) << result.explain();
    EXPECT_EQ(result.error.http_status, 401u) << result.explain();
    EXPECT_NE(result.error.message.find("status 401"), std::string::npos) << result.explain();
    EXPECT_EQ(result.error.message.find(reason), std::string::npos) << result.explain();

    const std::string invalid = challenge("invalid_token");
    result =
        refused("imapOauth2",
                imap_greeting() +
                    std::vector<step>{{"TAG AUTHENTICATE OAUTHBEARER", "+ " + invalid + "\r\n"},
                                      {"AQ==", "A002 NO [AUTHENTICATIONFAILED] no\r\n"}},
                bearer);
    EXPECT_EQ(result.error.code, SLUICE_AUTH) << result.explain();
    EXPECT_EQ(result.error.http_status, 401u) << result.explain();
    EXPECT_NE(result.error.message.find("status invalid_token"), std::string::npos)
        << result.explain();
    result = refused("smtpOauth2",
                     smtp_greeting() + std::vector<step>{{"AUTH OAUTHBEARER", "334 \r\n"},
                                                         {"*", "334 " + invalid + "\r\n"},
                                                         {"AQ==", "535 5.7.8 no\r\n"}},
                     bearer);
    EXPECT_EQ(result.error.code, SLUICE_AUTH) << result.explain();
    EXPECT_EQ(result.error.http_status, 401u) << result.explain();
}

TEST_F(oauth2_test, what_another_token_would_not_change_is_no_refusal_of_this_one) {
    const auto with_reason = [](const std::string& text) {
        return imap_greeting() + std::vector<step>{{"TAG AUTHENTICATE", "+ " + text + "\r\n"}};
    };
    for (const char* status : {"insufficient_scope", "403"}) {
        const call_result result = refused("imapOauth2", with_reason(challenge(status)));
        EXPECT_EQ(result.error.code, SLUICE_AUTH) << result.explain();
        EXPECT_EQ(result.error.http_status, 0u) << result.explain();
    }
    const std::pair<const char*, std::vector<step>> without_it[] = {
        {"smtpOauth2", {{"", "220 mail.test\r\n"}, {"EHLO", "250 AUTH PLAIN LOGIN\r\n"}}},
        {"imapOauth2",
         {{"", "* OK hello\r\n"},
          {"TAG CAPABILITY", "* CAPABILITY IMAP4rev1 AUTH=PLAIN\r\nTAG OK done\r\n"}}}};
    for (const auto& [type, script] : without_it) {
        const call_result result = refused(type, script);
        EXPECT_EQ(result.error.code, SLUICE_AUTH) << result.explain();
        EXPECT_EQ(result.error.http_status, 0u) << result.explain();
        EXPECT_NE(result.error.message.find("does not offer XOAUTH2"), std::string::npos)
            << result.explain();
    }
    const std::pair<const char*, std::vector<step>> refused_for_now[] = {
        {"smtpOauth2", smtp_greeting() + std::vector<step>{{"AUTH", "454 4.7.0 later\r\n"}}},
        {"imapOauth2", imap_greeting() + std::vector<step>{{"TAG AUTHENTICATE",
                                                            "TAG NO [UNAVAILABLE] later\r\n"}}}};
    for (const auto& [type, script] : refused_for_now) {
        const call_result result = refused(type, script);
        EXPECT_EQ(result.error.code, SLUICE_UNAVAILABLE) << result.explain();
        EXPECT_EQ(result.error.http_status, 0u) << result.explain();
    }
}

// A reason that is none: the refusal counts all the same.
TEST_F(oauth2_test, a_refusal_may_hold_anything) {
    for (const std::string& odd :
         {std::string("not base64!"), base64_encode("no JSON"), base64_encode("[1]"),
          challenge(std::string(299, 'x') + "ü"), base64_encode("{\"status\":{}}"),
          base64_encode(std::string(20'000, '[')), std::string(50'000, 'A')}) {
        const call_result result =
            refused("imapOauth2",
                    imap_greeting() + std::vector<step>{{"TAG AUTHENTICATE", "+ " + odd + "\r\n"}});
        EXPECT_EQ(result.error.code, SLUICE_AUTH) << result.explain();
        EXPECT_EQ(result.error.http_status, 401u) << result.explain();
        EXPECT_LT(result.error.message.size(), 500u);
        EXPECT_TRUE(result.problems.empty()) << result.explain();
    }
}

TEST_F(oauth2_test, no_password_is_a_token) {
    std::vector<step> script = imap_login();
    script.back().answer = "TAG NO wrong\r\n";
    scripted_server server({script});
    json connection = server.connection("imap");
    connection.set("accessToken", "t0k3n");
    const call_result result = host_.run("checkImap", json::object(), connection);
    EXPECT_EQ(result.error.code, SLUICE_AUTH) << result.explain();
    EXPECT_EQ(result.error.http_status, 0u) << result.explain();
    EXPECT_TRUE(server.lines().back().starts_with("A002 AUTHENTICATE PLAIN"))
        << server.lines().back();
}

TEST_F(oauth2_test, nothing_is_said_with_fields_that_make_no_sense) {
    const json right{{"type", "imapOauth2"},
                     {"host", "127.0.0.1"},
                     {"port", 9},
                     {"username", "ada"},
                     {"accessToken", "t0k3n"}};
    for (const auto& [key, value] : {std::pair<const char*, json>{"username", ""},
                                     {"username", "ada" + ends_part + "auth=Bearer other"},
                                     {"username", "ada\r\nA9 LOGOUT"},
                                     {"accessToken", ""},
                                     {"accessToken", "t0\r\nk3n"},
                                     {"accessToken", "t0" + ends_part + "k3n"},
                                     {"accessToken", "t0\x7Fk3n"},
                                     {"mechanism", "plain"}}) {
        for (const char* type : {"smtpOauth2", "imapOauth2"}) {
            json connection = right;
            connection.set("type", type);
            connection.set(key, value);
            const char* action =
                connection["type"] == json("smtpOauth2") ? "checkSmtp" : "checkImap";
            const call_result result = host_.run(action, json::object(), connection);
            ASSERT_FALSE(result.ok);
            EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT) << key << result.explain();
            EXPECT_EQ(result.explain().find("k3n"), std::string::npos) << result.explain();
        }
    }
    json connection = right;
    connection.set("username", "a=b");
    connection.set("mechanism", "oauthbearer");
    EXPECT_EQ(host_.run("checkImap", json::object(), connection).error.code, SLUICE_INVALID_INPUT);
    EXPECT_EQ(host_.run("checkSmtp", json::object(), right).error.code, SLUICE_INVALID_INPUT);
}

}  // namespace
}  // namespace sluice::mail::testing
