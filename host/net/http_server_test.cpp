// What the server does for well-behaved clients.
#include "net/http_server.hpp"

#include <gtest/gtest.h>

#include <map>
#include <mutex>

#include "net/loop_thread_testing.hpp"
#include "net/raw_socket_testing.hpp"

namespace sluice::net {
namespace {

void echo(http_request request, responder respond) {
    respond({200, {{"X-Method", request.method}, {"X-Path", request.path}}, request.body});
}

TEST(http_server, gives_the_handler_the_request_as_sent) {
    http_request seen;
    test_server server([&](http_request request, responder respond) {
        seen = std::move(request);
        respond({201, {{"X-Reply", "yes"}}, "made"});
    });
    auto client = raw_socket::connect(server.port());
    client.send(
        "POST /hooks/a%20b?x=1&y HTTP/1.1\r\nHost: a\r\nX-Two: 1\r\nx-two:  2 \r\n"
        "Content-Length: 5\r\n\r\nhello");
    const auto reply = client.read_reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 201);
    EXPECT_EQ(reply->body, "made");
    EXPECT_EQ(reply->headers.get("X-Reply"), "yes");
    EXPECT_EQ(reply->headers.get("Content-Length"), "4");
    EXPECT_FALSE(reply->headers.get("Date").empty());
    EXPECT_FALSE(reply->headers.has("Connection"));
    EXPECT_EQ(seen.method, "POST");
    EXPECT_EQ(seen.target, "/hooks/a%20b?x=1&y");
    EXPECT_EQ(seen.path, "/hooks/a%20b");
    EXPECT_EQ(seen.query, "x=1&y");
    EXPECT_EQ(seen.body, "hello");
    EXPECT_EQ(seen.content_length, 5u);
    EXPECT_EQ(seen.peer.ip, "127.0.0.1");
    EXPECT_EQ(seen.headers.all("X-Two"), (std::vector<std::string_view>{"1", "2"}));
}

TEST(http_server, keeps_the_connection_for_further_requests) {
    test_server server(echo);
    auto client = raw_socket::connect(server.port());
    for (int i = 0; i < 5; ++i) {
        client.send("POST /" + std::to_string(i) +
                    " HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
        const auto reply = client.read_reply();
        ASSERT_TRUE(reply);
        EXPECT_EQ(reply->headers.get("X-Path"), "/" + std::to_string(i));
    }
    EXPECT_EQ(server.stats().connections_accepted, 1u);
    EXPECT_EQ(server.stats().requests, 5u);
    EXPECT_EQ(server.stats().responses, 5u);
}

TEST(http_server, answers_pipelined_requests_in_order_even_when_answers_are_late) {
    std::mutex mutex;
    std::map<std::string, responder> waiting;
    test_server server([&](http_request request, responder respond) {
        const std::lock_guard lock(mutex);
        waiting.emplace(request.path, std::move(respond));
    });
    auto client = raw_socket::connect(server.port());
    client.send(
        "GET /1 HTTP/1.1\r\nHost: a\r\n\r\nPOST /2 HTTP/1.1\r\nHost: a\r\nContent-Length: 3"
        "\r\n\r\nabcGET /3 HTTP/1.1\r\nHost: a\r\n\r\n");
    for (const auto* path : {"/1", "/2", "/3"}) {
        ASSERT_TRUE(base::wait_until([&] {
            const std::lock_guard lock(mutex);
            return waiting.contains(path);
        }));
        const std::lock_guard lock(mutex);
        EXPECT_EQ(waiting.size(), 1u);
        waiting.at(path)(text_response(200, path));
        waiting.clear();
    }
    for (const auto* path : {"/1", "/2", "/3"}) {
        const auto reply = client.read_reply();
        ASSERT_TRUE(reply);
        EXPECT_EQ(reply->body, path);
    }
}

TEST(http_server, takes_requests_that_arrive_byte_by_byte) {
    test_server server(echo);
    auto client = raw_socket::connect(server.port());
    const std::string text =
        "\r\nPOST /x HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3;ext=1\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: ignored\r\n\r\n";
    for (const char c : text)
        ASSERT_TRUE(client.send(std::string(1, c)));
    const auto reply = client.read_reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 200);
    EXPECT_EQ(reply->body, "abcde");
}

TEST(http_server, does_not_mix_trailers_into_the_fields) {
    std::optional<bool> has_trailer;
    test_server server([&](http_request request, responder respond) {
        has_trailer = request.headers.has("X-Trailer");
        respond({});
    });
    auto client = raw_socket::connect(server.port());
    client.send(
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
        "0\r\nX-Trailer: 1\r\n\r\n");
    ASSERT_TRUE(client.read_reply());
    EXPECT_EQ(has_trailer, false);
}

TEST(http_server, sends_no_body_to_head_and_with_204) {
    test_server server([](http_request request, responder respond) {
        respond(text_response(request.path == "/none" ? 204 : 200, "body"));
    });
    auto client = raw_socket::connect(server.port());
    client.send(
        "HEAD / HTTP/1.1\r\nHost: a\r\n\r\nGET /none HTTP/1.1\r\nHost: a\r\n\r\n"
        "GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto to_head = client.read_reply(true);
    ASSERT_TRUE(to_head);
    EXPECT_EQ(to_head->headers.get("Content-Length"), "4");
    const auto none = client.read_reply();
    ASSERT_TRUE(none);
    EXPECT_EQ(none->status, 204);
    EXPECT_FALSE(none->headers.has("Content-Length"));
    const auto full = client.read_reply();
    ASSERT_TRUE(full);
    EXPECT_EQ(full->body, "body");
}

TEST(http_server, closes_when_the_client_wants_it) {
    test_server server(echo);
    auto client = raw_socket::connect(server.port());
    client.send("GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    const auto reply = client.read_reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->headers.get("Connection"), "close");
    EXPECT_TRUE(client.ends_silently());
}

TEST(http_server, tolerates_http_1_0_and_closes) {
    test_server server(echo);
    auto client = raw_socket::connect(server.port());
    client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    const auto reply = client.read_reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 200);
    EXPECT_EQ(reply->headers.get("Connection"), "close");
    EXPECT_TRUE(client.ends_silently());
}

TEST(http_server, asks_for_the_body_of_a_client_that_waits) {
    test_server server(echo);
    auto client = raw_socket::connect(server.port());
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    const auto interim = client.read_reply();
    ASSERT_TRUE(interim);
    EXPECT_EQ(interim->status, 100);
    client.send("abc");
    const auto reply = client.read_reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->body, "abc");
}

TEST(http_server, answers_a_client_that_has_stopped_sending) {
    test_server server(echo);
    auto client = raw_socket::connect(server.port());
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
    client.finish_sending();
    const auto reply = client.read_reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->body, "abc");
    EXPECT_TRUE(client.ends_silently());
}

TEST(http_server, sends_large_answers_whole) {
    const std::string large(5u << 20, 'x');
    test_server server(
        [&](http_request, responder respond) { respond(text_response(200, large)); });
    auto client = raw_socket::connect(server.port());
    for (int i = 0; i < 2; ++i) {
        client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
        const auto reply = client.read_reply();
        ASSERT_TRUE(reply);
        EXPECT_TRUE(reply->body == large);
    }
}

TEST(http_server, takes_the_absolute_form_and_the_asterisk) {
    test_server server([](http_request request, responder respond) {
        respond(text_response(200, request.path + "|" + request.query));
    });
    auto client = raw_socket::connect(server.port());
    client.send(
        "GET http://a/x?y HTTP/1.1\r\nHost: a\r\n\r\nGET http://a HTTP/1.1\r\nHost: a\r\n"
        "\r\nOPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n");
    for (const auto* expected : {"/x|y", "/|", "*|"}) {
        const auto reply = client.read_reply();
        ASSERT_TRUE(reply);
        EXPECT_EQ(reply->body, expected);
    }
}

TEST(http_server, answers_500_for_a_dropped_responder_and_goes_on) {
    test_server server([](http_request request, responder respond) {
        if (request.path == "/ok") respond(text_response(200, "ok"));
    });
    auto client = raw_socket::connect(server.port());
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\nGET /ok HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto first = client.read_reply();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->status, 500);
    EXPECT_EQ(first->headers.get("Content-Type"), "application/problem+json");
    const auto second = client.read_reply();
    ASSERT_TRUE(second);
    EXPECT_EQ(second->status, 200);
}

TEST(http_server, takes_answers_from_other_threads) {
    std::vector<std::thread> threads;
    test_server server([&](http_request request, responder respond) {
        threads.emplace_back([path = request.path, respond = std::move(respond)] {
            respond(text_response(200, path));
        });
    });
    auto client = raw_socket::connect(server.port());
    for (int i = 0; i < 50; ++i) {
        client.send("GET /" + std::to_string(i) + " HTTP/1.1\r\nHost: a\r\n\r\n");
        const auto reply = client.read_reply();
        ASSERT_TRUE(reply);
        EXPECT_EQ(reply->body, "/" + std::to_string(i));
    }
    server.thread().stop();
    for (auto& thread : threads)
        thread.join();
}

TEST(http_server, survives_answers_for_clients_and_servers_that_are_gone) {
    std::mutex mutex;
    std::vector<responder> waiting;
    {
        test_server server([&](http_request, responder respond) {
            const std::lock_guard lock(mutex);
            waiting.push_back(std::move(respond));
        });
        for (int i = 0; i < 3; ++i) {
            auto client = raw_socket::connect(server.port());
            client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
            ASSERT_TRUE(base::wait_until([&] {
                const std::lock_guard lock(mutex);
                return waiting.size() == static_cast<std::size_t>(i) + 1;
            }));
            client.reset();
        }
        const std::lock_guard lock(mutex);
        waiting[0](text_response(200, std::string(1u << 20, 'x')));
        EXPECT_TRUE(base::wait_until([&] { return server.stats().connections_open < 3; }));
        server.thread().call([&] {
            waiting[1]({});
            return 0;
        });
    }
    waiting[2]({});
}

TEST(http_server, drops_fields_that_would_split_the_response) {
    test_server server([](http_request, responder respond) {
        respond({200,
                 {{"X-Bad", "a\r\nX-Injected: 1"}, {"Content-Length", "99"}, {"X-Good", "1"}},
                 "body"});
    });
    auto client = raw_socket::connect(server.port());
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto reply = client.read_reply();
    ASSERT_TRUE(reply);
    EXPECT_FALSE(reply->headers.has("X-Injected"));
    EXPECT_FALSE(reply->headers.has("X-Bad"));
    EXPECT_EQ(reply->headers.all("Content-Length"), std::vector<std::string_view>{"4"});
    EXPECT_EQ(reply->headers.get("X-Good"), "1");
}

TEST(http_server, says_why_it_cannot_listen) {
    test_server server(echo);
    loop_thread thread;
    http_server_options options;
    options.port = server.port();
    http_server second(thread.loop(), options, echo);
    const auto taken = thread.call([&] { return second.start(); });
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error_value().code, base::error_code::unavailable);
    EXPECT_NE(taken.error_value().message.find(std::to_string(server.port())), std::string::npos);
    options.host = "not an address";
    http_server third(thread.loop(), options, echo);
    const auto wrong = thread.call([&] { return third.start(); });
    ASSERT_FALSE(wrong);
    EXPECT_EQ(wrong.error_value().code, base::error_code::invalid_input);
    thread.stop();
}

TEST(http_server, listens_on_all_addresses_when_asked) {
    http_server_options options;
    options.host = "*";
    test_server server([](http_request request,
                          responder respond) { respond(text_response(200, request.peer.ip)); },
                       options);
    auto client = raw_socket::connect(server.port());
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto reply = client.read_reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->body, "127.0.0.1");
}

}  // namespace
}  // namespace sluice::net
