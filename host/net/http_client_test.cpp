// What the client sends, and what it makes of orderly answers.
#include "net/http_client.hpp"

#include <gtest/gtest.h>

#include <mutex>

#include "net/loop_thread_testing.hpp"
#include "net/raw_socket_testing.hpp"

namespace sluice::net {
namespace {

std::string at(std::uint16_t port, const std::string& target = "/") {
    return "http://127.0.0.1:" + std::to_string(port) + target;
}

// Answers each request on a connection with the same text.
raw_server::script_function always(std::string answer) {
    return [answer = std::move(answer)](raw_socket& peer, int) {
        while (!peer.read_request().empty()) {
            if (!peer.send(answer)) return;
        }
    };
}

TEST(http_client, sends_exactly_one_well_formed_request) {
    std::string seen;
    std::mutex mutex;
    raw_server server([&](raw_socket& peer, int) {
        auto request = peer.read_request();
        const std::lock_guard lock(mutex);
        seen = std::move(request);
        peer.send("HTTP/1.1 201 Created\r\nContent-Length: 4\r\nX-Two: 1\r\nx-two: 2\r\n\r\nmade");
    });
    test_client client;
    client_request request;
    request.method = "POST";
    request.url = at(server.port(), "/a%20b?x=1#part");
    request.headers = {
        {"X-A", "1"},        {"Host", "evil"},           {"Content-Length", "999"},
        {"Connection", "x"}, {"Expect", "100-continue"}, {"Transfer-Encoding", "chunked"}};
    request.body = "hello";
    const auto answer = client.send(std::move(request));
    ASSERT_TRUE(answer) << answer.error_value().to_text();
    EXPECT_EQ(answer->status, 201);
    EXPECT_EQ(answer->body, "made");
    EXPECT_EQ(answer->headers.all("X-Two"), (std::vector<std::string_view>{"1", "2"}));
    EXPECT_EQ(answer->url, at(server.port(), "/a%20b?x=1"));
    const std::lock_guard lock(mutex);
    EXPECT_EQ(seen, "POST /a%20b?x=1 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(server.port()) +
                        "\r\nX-A: 1\r\nUser-Agent: sluice\r\nContent-Length: 5\r\n\r\nhello");
}

TEST(http_client, never_calls_back_inline) {
    test_client client;
    bool sending = true;
    std::promise<bool> was_inline;
    client.thread().call([&] {
        client_request request;
        request.url = "not a url";
        client.client().send(std::move(request),
                             [&](base::result<client_response>) { was_inline.set_value(sending); });
        return sending = false;
    });
    EXPECT_FALSE(was_inline.get_future().get());
}

struct answer_case {
    const char* name;
    std::string wire;
    int status;
    std::string body;
};

void PrintTo(const answer_case& answer, std::ostream* out) { *out << answer.name; }

class orderly_answer : public testing::TestWithParam<answer_case> {};

TEST_P(orderly_answer, is_read_whole) {
    raw_server server([](raw_socket& peer, int) {
        peer.read_request();
        peer.send(GetParam().wire);
    });
    test_client client;
    const auto answer = client.get(at(server.port()));
    ASSERT_TRUE(answer) << answer.error_value().to_text();
    EXPECT_EQ(answer->status, GetParam().status);
    EXPECT_EQ(answer->body, GetParam().body);
}

INSTANTIATE_TEST_SUITE_P(
    answers, orderly_answer,
    testing::Values(
        answer_case{"length", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab", 200, "ab"},
        answer_case{"empty", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, ""},
        answer_case{"chunked",
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=\"y\"\r\nab\r\n"
                    "1\r\nc\r\n0\r\nX-Trailer: 1\r\n\r\n",
                    200, "abc"},
        answer_case{"until_close", "HTTP/1.1 200 OK\r\n\r\nabc", 200, "abc"},
        answer_case{"until_close_1_0", "HTTP/1.0 200 OK\r\n\r\nabc", 200, "abc"},
        answer_case{"no_reason", "HTTP/1.1 404 \r\nContent-Length: 1\r\n\r\nx", 404, "x"},
        answer_case{"no_content", "HTTP/1.1 204 No Content\r\n\r\n", 204, ""},
        answer_case{"not_modified", "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", 304,
                    ""},
        answer_case{"interim",
                    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n"
                    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nab",
                    200, "ab"},
        answer_case{"server_error",
                    "HTTP/1.1 503 No\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n", 503, ""}),
    [](const auto& each) { return std::string(each.param.name); });

TEST(http_client, does_not_wait_for_a_body_in_reply_to_head) {
    raw_server server(always("HTTP/1.1 200 OK\r\nContent-Length: 999999999999\r\n\r\n"));
    test_client client;
    for (int i = 0; i < 2; ++i) {
        client_request request;
        request.method = "HEAD";
        request.url = at(server.port());
        const auto answer = client.send(std::move(request));
        ASSERT_TRUE(answer) << answer.error_value().to_text();
        EXPECT_EQ(answer->headers.get("Content-Length"), "999999999999");
        EXPECT_EQ(answer->body, "");
    }
    EXPECT_EQ(client.stats().connections_opened, 1u);
}

TEST(http_client, forgets_the_fields_of_interim_answers) {
    raw_server server(
        always("HTTP/1.1 103 Early Hints\r\nX-A: 1\r\n\r\n"
               "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    test_client client;
    const auto answer = client.get(at(server.port()));
    ASSERT_TRUE(answer);
    EXPECT_FALSE(answer->headers.has("X-A"));
}

TEST(http_client, takes_an_early_answer_to_a_body_it_could_not_send) {
    raw_server server([](raw_socket& peer, int) {
        peer.read_bytes(100);
        peer.send("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno");
        peer.finish_sending();
        peer.read_to_end();
    });
    test_client client;
    client_request request;
    request.method = "POST";
    request.url = at(server.port());
    request.body = std::string(8u << 20, 'x');
    const auto answer = client.send(std::move(request));
    ASSERT_TRUE(answer) << answer.error_value().to_text();
    EXPECT_EQ(answer->status, 413);
    EXPECT_EQ(answer->body, "no");
}

TEST(http_client, tries_the_next_address_when_one_refuses) {
    raw_server server(always("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    test_client client;
    client.names().add("app.test", {"127.0.0.2", "127.0.0.3", "127.0.0.1"});
    const auto answer = client.get("http://app.test:" + std::to_string(server.port()) + "/");
    ASSERT_TRUE(answer) << answer.error_value().to_text();
}

TEST(http_client, sends_many_requests_at_once) {
    test_server server(
        [](http_request request, responder respond) { respond(text_response(200, request.path)); });
    http_client_options options;
    options.idle_per_host = 32;
    test_client client({"127.0.0.0/8"}, options);
    std::vector<std::future<base::result<client_response>>> answers;
    for (int i = 0; i < 90; ++i) {
        client_request request;
        request.url = at(server.port(), "/" + std::to_string(i));
        answers.push_back(client.begin(std::move(request)));
    }
    for (int i = 0; i < 90; ++i) {
        const auto answer = answers[static_cast<std::size_t>(i)].get();
        ASSERT_TRUE(answer) << answer.error_value().to_text();
        EXPECT_EQ(answer->body, "/" + std::to_string(i));
    }
    EXPECT_LE(client.stats().idle, 32u);
}

}  // namespace
}  // namespace sluice::net
