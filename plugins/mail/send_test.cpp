#include <chrono>
#include <future>
#include <thread>

#include "mail_testing.hpp"

namespace sluice::mail::testing {
namespace {

std::vector<step> takes_message(int recipients = 1) {
    std::vector<step> steps = smtp_hello() + std::vector<step>{{"MAIL FROM:", "250 ok\r\n"}};
    for (int i = 0; i < recipients; ++i)
        steps.push_back({"RCPT TO:", "250 ok\r\n"});
    steps.push_back({"DATA", "354 go on\r\n"});
    step end{"", "250 queued as 1\r\n"};
    end.reads_message = true;
    steps.push_back(end);
    return steps;
}

class send_test : public ::testing::Test {
  protected:
    // The message as the server got it.
    std::string sent(const json& input, int recipients = 1) {
        scripted_server server({takes_message(recipients)});
        result_ = host_.run("send", input, server.connection("smtp"));
        EXPECT_TRUE(result_.ok) << result_.explain();
        host_.pass_time(3'600'000);
        lines_ = server.lines();
        return server.message();
    }
    call_result refused(std::vector<step> script, const json& input = hello()) {
        scripted_server server({std::move(script)});
        call_result result = host_.run("send", input, server.connection("smtp"));
        EXPECT_FALSE(result.ok);
        host_.pass_time(3'600'000);
        return result;
    }
    static json hello() {
        return json{{"to", "ada@example.com"}, {"subject", "Hi"}, {"text", "Hello"}};
    }
    void expect_bad_input(const json& input, const std::string& why) {
        const json nowhere{
            {"type", "smtp"}, {"host", "127.0.0.1"}, {"port", 9}, {"from", "noreply@acme.example"}};
        const call_result result = host_.run("send", input, nowhere);
        ASSERT_FALSE(result.ok) << input.dump();
        EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT) << result.explain();
        EXPECT_NE(result.error.message.find(why), std::string::npos) << result.error.message;
    }

    mock_host host_{sluice_connector_v1};
    call_result result_;
    std::vector<std::string> lines_;
};

bool has(const std::string& text, const std::string& what) {
    return text.find(what) != std::string::npos;
}

TEST_F(send_test, hands_the_message_over) {
    const std::string message = sent(hello());
    EXPECT_TRUE(has(message, "From: Acme <noreply@acme.example>\r\n")) << message;
    EXPECT_TRUE(has(message, "To: ada@example.com\r\n")) << message;
    EXPECT_TRUE(has(message, "Subject: Hi\r\n")) << message;
    EXPECT_TRUE(has(message, "\r\nHello")) << message;
    EXPECT_TRUE(has(message, "Message-Id: " + result_.output["messageId"].as_string())) << message;
    EXPECT_EQ(result_.output["accepted"], json::array({json("ada@example.com")}));
    EXPECT_EQ(result_.output["response"], json("250 queued as 1"));
    EXPECT_EQ(lines_[1].substr(0, 32), "MAIL FROM:<noreply@acme.example>");
}

TEST_F(send_test, everybody_gets_it_and_nobody_sees_bcc) {
    json input = hello();
    input.set("cc", json::array({json("Bob <bob@example.com>"), json("ada@example.com")}));
    input.set("bcc", json{{"name", "Eve"}, {"address", "eve@example.com"}});
    const std::string message = sent(input, 3);
    EXPECT_TRUE(has(message, "Bob <bob@example.com>"));
    EXPECT_FALSE(has(message, "eve@example.com")) << message;
    EXPECT_EQ(result_.output["accepted"].size(), 3u);
}

TEST_F(send_test, each_attempt_has_the_same_message_id_and_another_step_another) {
    sent(hello());
    const json first = result_.output["messageId"];
    sent(hello());
    EXPECT_EQ(result_.output["messageId"], first);
    scripted_server server({takes_message()});
    sluice::testing::call_options options;
    options.idempotency_key = "another step";
    const call_result other = host_.run("send", hello(), server.connection("smtp"), options);
    host_.pass_time(3'600'000);
    ASSERT_TRUE(other.ok) << other.explain();
    EXPECT_NE(other.output["messageId"], first);
}

TEST_F(send_test, lines_that_begin_with_a_dot_are_still_there) {
    json input = hello();
    input.set("text", "one\n.\n..two\n");
    // The server gets each such dot doubled, or encoded.
    const std::string message = sent(input);
    EXPECT_TRUE(has(message, "two"));
    EXPECT_FALSE(has(message, "\r\n.\r\n")) << message;
}

TEST_F(send_test, attachments_and_names_of_any_script) {
    json input = hello();
    input.set("html", "<b>Hallo</b>");
    input.set("subject", "Größe");
    const json file = host_.add_blob("application/pdf", std::string(100'000, '\x01'));
    input.set("attachments", json::array({json{{"file", file}, {"name", "größe.pdf"}}}));
    const std::string message = sent(input);
    EXPECT_TRUE(has(message, "multipart/mixed")) << message.substr(0, 2000);
    EXPECT_TRUE(has(message, "multipart/alternative"));
    EXPECT_TRUE(has(message, "Content-Type: application/pdf"));
    EXPECT_TRUE(has(message, "=?") && !has(message, "Größe"));
    EXPECT_TRUE(has(message, "AQEBAQEBAQEB"));
    for (std::size_t at = 0; at < message.size();) {
        const std::size_t end = message.find("\r\n", at);
        EXPECT_LE(end - at, 998u);
        at = end + 2;
    }
}

TEST_F(send_test, refuses_what_could_smuggle_headers_or_reach_nobody) {
    json input = hello();
    input.set("subject", "Hi\r\nBcc: eve@example.com");
    expect_bad_input(input, "one line");
    input = hello();
    input.set("to", "ada@example.com\r\nBcc: eve@example.com");
    expect_bad_input(input, "'to'");
    input = hello();
    input.set("headers", json{{"X-A", "b\r\nBcc: eve@example.com"}});
    expect_bad_input(input, "one line");
    input.set("headers", json{{"Bcc", "eve@example.com"}});
    expect_bad_input(input, "not Bcc");
    input.set("headers", json{{"X-A: b\r\nBcc", "eve@example.com"}});
    expect_bad_input(input, "may set");
    expect_bad_input(json{{"subject", "Hi"}}, "'to'");
    expect_bad_input(json{{"to", "ada"}}, "no address");
    expect_bad_input(json{{"to", "größe@example.com"}}, "ASCII");
    expect_bad_input(json{{"to", json::array({json(4)})}}, "'to'");
    expect_bad_input(json{{"to", "a@b.example, c@d.example"}}, "not one address");
    input = hello();
    input.set("attachments", json::array({json{{"name", "x"}}}));
    expect_bad_input(input, "file");
    std::vector<json> many(501, json("a@example.com"));
    for (std::size_t i = 0; i < many.size(); ++i)
        many[i] = "a" + std::to_string(i) + "@example.com";
    expect_bad_input(json{{"to", json::array(std::move(many))}}, "500");
}

TEST_F(send_test, what_the_server_says_decides_about_another_try) {
    call_result result =
        refused(smtp_hello() +
                std::vector<step>{{"MAIL", "250 ok\r\n"}, {"RCPT", "550 5.1.1 no such user\r\n"}});
    EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT) << result.explain();
    EXPECT_TRUE(has(result.error.message, "550 5.1.1 no such user")) << result.error.message;

    result = refused(smtp_hello() + std::vector<step>{{"MAIL", "250 ok\r\n"},
                                                      {"RCPT", "451 4.7.1 come back later\r\n"}});
    EXPECT_EQ(result.error.code, SLUICE_UNAVAILABLE) << result.explain();

    result = refused({{"", "421 too many connections\r\n"}});
    EXPECT_EQ(result.error.code, SLUICE_UNAVAILABLE) << result.explain();

    std::vector<step> late = takes_message();
    late.back().answer = "552 5.2.3 too large\r\n";
    result = refused(late);
    EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT) << result.explain();
}

TEST_F(send_test, hang_ups_are_worth_another_try_wherever_they_come) {
    const std::vector<step> whole = takes_message();
    for (std::size_t steps = 1; steps < whole.size(); ++steps) {
        std::vector<step> script(whole.begin(), whole.begin() + static_cast<long>(steps));
        script.back().answer = "";
        script.back().hang_up = true;
        const call_result result = refused(script);
        EXPECT_EQ(result.error.code, SLUICE_UNAVAILABLE) << steps << result.explain();
    }
}

TEST_F(send_test, a_refused_login_is_tried_again_only_when_it_is_refused_for_now) {
    const std::pair<const char*, sluice_code> answers[] = {
        {"535 5.7.8 wrong\r\n", SLUICE_AUTH},
        {"454 4.7.0 Temporary authentication failure\r\n", SLUICE_UNAVAILABLE},
        {"421 4.7.0 too many\r\n", SLUICE_UNAVAILABLE},
        {"432 4.7.12 A password transition is needed\r\n", SLUICE_AUTH}};
    for (const auto& [answer, code] : answers) {
        const std::vector<step> login{{"", "220 mail.test\r\n"},
                                      {"EHLO", "250-mail.test\r\n250 AUTH PLAIN\r\n"},
                                      {"AUTH PLAIN", answer}};
        scripted_server server({login});
        json connection = server.connection("smtp");
        connection.set("username", "ada");
        connection.set("password", "s3cr3t");
        const call_result result = host_.run("send", hello(), connection);
        ASSERT_FALSE(result.ok);
        EXPECT_EQ(result.error.code, code) << answer << result.explain();
        EXPECT_FALSE(has(result.explain(), "s3cr3t")) << answer;
    }
}

TEST_F(send_test, tls_that_is_refused_for_now_is_tried_again) {
    const std::vector<step> hello_only{{"", "220 mail.test\r\n"},
                                       {"EHLO", "250-mail.test\r\n250 STARTTLS\r\n"},
                                       {"STARTTLS", "454 4.7.0 TLS not available for now\r\n"}};
    scripted_server server({hello_only});
    json connection = server.connection("smtp");
    connection.set("security", "starttls");
    const call_result result = host_.run("send", hello(), connection);
    ASSERT_FALSE(result.ok);
    EXPECT_EQ(result.error.code, SLUICE_UNAVAILABLE) << result.explain();
}

// RFC 5321 4.5.3.2.6: whoever gives up earlier than ten minutes delivers twice.
TEST_F(send_test, the_end_of_a_message_may_take_as_long_as_the_connection_says) {
    for (const auto& [patience, ok] : {std::pair<int, bool>{1, false}, {20, true}}) {
        std::promise<void> given_up;
        const std::shared_future<void> end = given_up.get_future().share();
        std::vector<step> script = takes_message();
        // Longer than the first has patience, or until it has lost it.
        script.back().then = [end, is_late = ok] {
            if (!is_late) return end.wait();
            std::this_thread::sleep_for(std::chrono::milliseconds(2'500));
        };
        scripted_server server({script});
        json connection = server.connection("smtp");
        connection.set("answerSeconds", patience);
        const call_result result = host_.run("send", hello(), connection);
        given_up.set_value();
        EXPECT_EQ(result.ok, ok) << result.explain();
        if (!ok) {
            EXPECT_EQ(result.error.code, SLUICE_TIMEOUT) << result.explain();
        }
        host_.pass_time(3'600'000);
    }
}

TEST_F(send_test, ends_when_it_is_cancelled_while_the_server_is_silent) {
    std::vector<step> script = takes_message();
    for (std::size_t steps = 1; steps <= script.size(); ++steps) {
        std::vector<step> silent(script.begin(), script.begin() + static_cast<long>(steps));
        silent.back().answer = "";
        silent.back().then = [&] { host_.cancel_running(); };
        const call_result result = refused(silent);
        EXPECT_EQ(result.error.code, SLUICE_CANCELLED) << steps << result.explain();
        EXPECT_TRUE(result.problems.empty()) << steps << result.explain();
    }
}

TEST_F(send_test, nothing_is_said_in_clear_to_a_server_without_starttls) {
    scripted_server server({smtp_hello()});
    json connection = server.connection("smtp");
    connection.set("security", "starttls");
    connection.set("username", "ada");
    connection.set("password", "s3cr3t");
    const call_result result = host_.run("send", hello(), connection);
    ASSERT_FALSE(result.ok);
    EXPECT_EQ(result.error.code, SLUICE_AUTH) << result.explain();
    for (const std::string& line : server.lines())
        EXPECT_FALSE(line.starts_with("AUTH") || line.starts_with("MAIL")) << line;
}

TEST_F(send_test, a_connection_is_used_again) {
    std::vector<step> two = takes_message() + std::vector<step>({{"MAIL", "250 ok\r\n"},
                                                                 {"RCPT", "250 ok\r\n"},
                                                                 {"DATA", "354 go on\r\n"}});
    step end{"", "250 queued as 2\r\n"};
    end.reads_message = true;
    two.push_back(end);
    scripted_server server({two});
    const json connection = server.connection("smtp");
    EXPECT_TRUE(host_.run("send", hello(), connection).ok);
    EXPECT_TRUE(host_.run("send", hello(), connection).ok);
    host_.pass_time(3'600'000);
}

TEST_F(send_test, the_test_of_the_connection_sends_nothing) {
    scripted_server server({smtp_hello() + std::vector<step>{{"NOOP", "250 ok\r\n"}}});
    const call_result result = host_.run("checkSmtp", json::object(), server.connection("smtp"));
    EXPECT_TRUE(result.ok) << result.explain();
    host_.pass_time(3'600'000);
    for (const std::string& line : server.lines())
        EXPECT_FALSE(line.starts_with("MAIL")) << line;
}

TEST_F(send_test, refuses_connections_that_make_no_sense) {
    const json input = hello();
    const json right{{"type", "smtp"}, {"host", "127.0.0.1"}, {"port", 9}};
    for (const auto& [key, value] : {std::pair<const char*, json>{"type", "imap"},
                                     {"host", "a b"},
                                     {"host", "evil/x"},
                                     {"port", 0},
                                     {"port", 70'000},
                                     {"answerSeconds", 0},
                                     {"security", "maybe"}}) {
        json connection = right;
        connection.set(key, value);
        const call_result result = host_.run("send", input, connection);
        ASSERT_FALSE(result.ok);
        EXPECT_EQ(result.error.code, SLUICE_INVALID_INPUT) << key << result.explain();
    }
}

}  // namespace
}  // namespace sluice::mail::testing
