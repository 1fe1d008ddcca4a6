// What a client may take of the server: bytes, time, connections.
#include <gtest/gtest.h>

#include "net/http_server.hpp"
#include "net/loop_thread_testing.hpp"
#include "net/raw_socket_testing.hpp"

namespace sluice::net {
namespace {

void ok(http_request request, responder respond) {
    respond(text_response(200, std::to_string(request.body.size())));
}

// Short enough not to wait for, and nothing is asserted about how long they really take.
http_server_options impatient() {
    http_server_options options;
    options.limits.header_ms = 100;
    options.limits.rate_grace_ms = 100;
    options.limits.idle_ms = 100;
    options.limits.linger_ms = 100;
    return options;
}

int status_of(std::uint16_t port, const std::string& request) {
    auto client = raw_socket::connect(port);
    client.send(request);
    const auto reply = client.read_reply();
    return reply ? reply->status : 0;
}

TEST(server_limits, a_body_of_exactly_the_limit_passes_and_one_more_byte_does_not) {
    http_server_options options;
    options.limits.body_bytes = 1000;
    test_server server(ok, options);
    const std::string head = "POST / HTTP/1.1\r\nHost: a\r\n";
    EXPECT_EQ(
        status_of(server.port(), head + "Content-Length: 1000\r\n\r\n" + std::string(1000, 'x')),
        200);
    EXPECT_EQ(
        status_of(server.port(), head + "Content-Length: 1001\r\n\r\n" + std::string(1001, 'x')),
        413);
    const std::string chunked =
        head + "Transfer-Encoding: chunked\r\n\r\n1f4\r\n" + std::string(500, 'x') + "\r\n";
    EXPECT_EQ(
        status_of(server.port(), chunked + "1f4\r\n" + std::string(500, 'x') + "\r\n0\r\n\r\n"),
        200);
    EXPECT_EQ(
        status_of(server.port(), chunked + "1f5\r\n" + std::string(501, 'x') + "\r\n0\r\n\r\n"),
        413);
    EXPECT_EQ(server.stats().refused_too_large, 2u);
    EXPECT_EQ(server.stats().requests, 2u);
}

TEST(server_limits, a_large_body_is_refused_before_it_is_sent) {
    test_server server(ok);
    auto client = raw_socket::connect(server.port());
    client.send(
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1048577\r\n"
        "Expect: 100-continue\r\n\r\n");
    const auto reply = client.read_reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 413);
    EXPECT_EQ(reply->headers.get("Connection"), "close");
}

TEST(server_limits, a_client_still_sending_a_refused_body_sees_the_answer) {
    test_server server(ok);
    auto client = raw_socket::connect(server.port());
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3000000\r\n\r\n");
    client.send(std::string(3'000'000, 'x'));
    const auto reply = client.read_reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 413);
}

TEST(server_limits, the_body_limit_may_depend_on_the_request) {
    http_server_options options;
    options.body_limit = [](const http_request_head& head) {
        return head.path == "/large" ? std::size_t(2000) : std::size_t(10);
    };
    test_server server(ok, options);
    const std::string rest =
        " HTTP/1.1\r\nHost: a\r\nContent-Length: 2000\r\n\r\n" + std::string(2000, 'x');
    EXPECT_EQ(status_of(server.port(), "POST /large" + rest), 200);
    EXPECT_EQ(status_of(server.port(), "POST /small" + rest), 413);
}

TEST(server_limits, the_head_handler_refuses_before_the_body_is_read) {
    http_server_options options;
    options.on_head = [](const http_request_head& head) -> std::optional<http_response> {
        if (head.path == "/known") return std::nullopt;
        return problem_response(404, "");
    };
    test_server server(ok, options);
    auto client = raw_socket::connect(server.port());
    client.send("GET /unknown HTTP/1.1\r\nHost: a\r\n\r\n");
    auto reply = client.read_reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 404);
    EXPECT_FALSE(reply->headers.has("Connection")) << "there was no body to skip";
    client.send("POST /unknown HTTP/1.1\r\nHost: a\r\nContent-Length: 500000\r\n\r\nthe beginning");
    reply = client.read_reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 404);
    EXPECT_EQ(reply->headers.get("Connection"), "close");
    client.finish_sending();
    EXPECT_TRUE(client.ends_silently());
    EXPECT_EQ(server.stats().refused_by_head_handler, 2u);
    EXPECT_EQ(server.stats().requests, 0u);
}

TEST(server_limits, a_head_may_have_sixteen_kib_and_not_more) {
    test_server server(ok);
    const std::string start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
    const auto fill = (16u << 10) - start.size() - 4;
    EXPECT_EQ(status_of(server.port(), start + std::string(fill, 'x') + "\r\n\r\n"), 200);
    EXPECT_EQ(status_of(server.port(), start + std::string(fill + 1, 'x') + "\r\n\r\n"), 431);
    EXPECT_EQ(status_of(server.port(), start + std::string(100'000, 'x')), 431);
    EXPECT_EQ(status_of(server.port(), "GET /" + std::string(100'000, 'x')), 431);
}

TEST(server_limits, a_head_may_have_a_hundred_fields_and_not_more) {
    test_server server(ok);
    std::string request = "GET / HTTP/1.1\r\nHost: a\r\n";
    for (int i = 0; i < 99; ++i)
        request += "X-" + std::to_string(i) + ": 1\r\n";
    EXPECT_EQ(status_of(server.port(), request + "\r\n"), 200);
    EXPECT_EQ(status_of(server.port(), request + "X-More: 1\r\n\r\n"), 431);
}

TEST(server_limits, a_slow_head_gets_408) {
    test_server server(ok, impatient());
    auto client = raw_socket::connect(server.port());
    client.send("GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ");
    const auto reply = client.read_reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 408);
    EXPECT_TRUE(client.ends_silently());
    EXPECT_EQ(server.stats().refused_slow, 1u);
}

TEST(server_limits, dripping_bytes_does_not_prolong_a_head) {
    test_server server(ok, impatient());
    auto client = raw_socket::connect(server.port());
    client.send("GET / HTTP/1.1\r\nHost: a\r\n");
    int sent = 0;
    const bool ended = base::wait_until([&] {
        if (sent++ < 100'000) client.send("X: 1\r\n");
        return server.stats().refused_slow == 1;
    });
    EXPECT_TRUE(ended);
}

TEST(server_limits, a_slow_body_gets_408) {
    auto options = impatient();
    options.limits.rate_bytes_per_s = 1'000'000'000;
    test_server server(ok, options);
    auto client = raw_socket::connect(server.port());
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nabc");
    const auto reply = client.read_reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 408);
    EXPECT_EQ(reply->headers.get("Connection"), "close");
    EXPECT_TRUE(client.ends_silently());
}

TEST(server_limits, a_body_that_keeps_the_rate_is_not_cut_off) {
    auto options = impatient();
    options.limits.rate_bytes_per_s = 1;
    test_server server(ok, options);
    auto client = raw_socket::connect(server.port());
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000\r\n\r\n" +
                std::string(9999, 'x'));
    const auto begin = io_loop::steady_ms();
    ASSERT_TRUE(base::wait_until([&] { return io_loop::steady_ms() - begin > 300; }));
    client.send("x");
    const auto reply = client.read_reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 200);
}

TEST(server_limits, a_client_that_does_not_read_is_dropped) {
    auto options = impatient();
    options.limits.rate_bytes_per_s = 1'000'000'000'000;
    test_server server(
        [](http_request, responder respond) {
            respond(text_response(200, std::string(64u << 20, 'x')));
        },
        options);
    auto client = raw_socket::connect(server.port());
    client.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(base::wait_until(
        [&] { return server.stats().connections_open == 0 && server.stats().requests == 1; }));
    EXPECT_EQ(server.stats().responses, 0u);
}

TEST(server_limits, silent_connections_are_closed_without_a_word) {
    test_server server(ok, impatient());
    auto never_used = raw_socket::connect(server.port());
    auto used = raw_socket::connect(server.port());
    used.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(used.read_reply());
    EXPECT_TRUE(used.ends_silently());
    EXPECT_TRUE(never_used.ends_silently());
}

TEST(server_limits, a_slow_handler_is_not_a_slow_client) {
    loop_thread elsewhere;
    test_server server(
        [&](http_request, responder respond) {
            elsewhere.loop().run_after(400, [respond] { respond(text_response(200, "late")); });
        },
        impatient());
    EXPECT_EQ(status_of(server.port(), "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
}

TEST(server_limits, beyond_the_most_connections_new_ones_get_503) {
    http_server_options options;
    options.limits.connections = 2;
    test_server server(ok, options);
    auto first = raw_socket::connect(server.port());
    auto second = raw_socket::connect(server.port());
    ASSERT_TRUE(base::wait_until([&] { return server.stats().connections_open == 2; }));
    auto third = raw_socket::connect(server.port());
    const auto refused = third.read_reply();
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->status, 503);
    EXPECT_EQ(server.stats().refused_connections, 1u);
    second.close();
    ASSERT_TRUE(base::wait_until([&] { return server.stats().connections_open == 1; }));
    EXPECT_EQ(status_of(server.port(), "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
    first.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    EXPECT_TRUE(first.read_reply());
}

TEST(server_limits, one_source_may_not_take_all_connections) {
    http_server_options options;
    options.limits.connections_per_source = 1;
    test_server server(ok, options);
    auto first = raw_socket::connect(server.port());
    ASSERT_TRUE(base::wait_until([&] { return server.stats().connections_open == 1; }));
    EXPECT_EQ(status_of(server.port(), "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 429);
    first.close();
    ASSERT_TRUE(base::wait_until([&] { return server.stats().connections_open == 0; }));
    EXPECT_EQ(status_of(server.port(), "GET / HTTP/1.1\r\nHost: a\r\n\r\n"), 200);
}

TEST(server_limits, a_connection_reset_in_the_middle_leaves_nothing_behind) {
    test_server server(ok);
    for (const std::string start :
         {"", "GET / HT", "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab"}) {
        auto client = raw_socket::connect(server.port());
        client.send(start);
        ASSERT_TRUE(base::wait_until([&] { return server.stats().connections_open == 1; }));
        client.reset();
        ASSERT_TRUE(base::wait_until([&] { return server.stats().connections_open == 0; }));
    }
    EXPECT_EQ(server.stats().requests, 0u);
}

}  // namespace
}  // namespace sluice::net
