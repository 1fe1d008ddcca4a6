// Peers that break, stall, flood or lie; and addresses that are not to be spoken to.
#include <gtest/gtest.h>

#include "net/http_client.hpp"
#include "net/loop_thread_testing.hpp"
#include "net/raw_socket_testing.hpp"

namespace sluice::net {
namespace {

using base::error_code;

client_request request_to(std::uint16_t port, const std::string& target = "/?token=hush-hush") {
    client_request request;
    request.url = "http://127.0.0.1:" + std::to_string(port) + target;
    request.headers.add("Authorization", "hush-hush");
    return request;
}

void expect_error(const base::result<client_response>& answer, error_code code,
                  const std::string& part) {
    ASSERT_FALSE(answer) << answer->status;
    EXPECT_EQ(answer.error_value().code, code) << answer.error_value().to_text();
    EXPECT_NE(answer.error_value().message.find(part), std::string::npos)
        << answer.error_value().message;
    EXPECT_EQ(answer.error_value().to_text().find("hush"), std::string::npos);
}

// Sends `wire` after the request and then does what `last` says.
base::result<client_response> ask_once(const std::string& wire,
                                       const std::function<void(raw_socket&)>& last = {},
                                       std::int64_t timeout_ms = 30'000) {
    raw_server server([&](raw_socket& peer, int) {
        peer.read_request();
        peer.send(wire);
        if (last) last(peer);
    });
    http_client_options options;
    options.response_header_bytes = 8u << 10;
    options.response_header_fields = 50;
    test_client client({"127.0.0.0/8"}, options);
    auto request = request_to(server.port());
    request.timeout_ms = timeout_ms;
    request.max_response_bytes = 1000;
    return client.send(std::move(request));
}

TEST(http_client_failures, nobody_listens) {
    test_client client;
    const auto port = unused_port();
    expect_error(client.send(request_to(port)), error_code::unavailable,
                 "127.0.0.1:" + std::to_string(port));
}

TEST(http_client_failures, the_name_is_unknown) {
    test_client client;
    client_request request;
    request.url = "http://unknown.test/?token=hush-hush";
    expect_error(client.send(std::move(request)), error_code::unavailable, "unknown.test");
}

TEST(http_client_failures, the_answer_ends_early) {
    const std::string head = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n";
    expect_error(ask_once(""), error_code::unavailable, "closed without an answer");
    expect_error(ask_once("HTTP/1.1 200"), error_code::unavailable, "in the middle");
    expect_error(ask_once(head + "abc"), error_code::unavailable, "in the middle");
    expect_error(ask_once("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab"),
                 error_code::unavailable, "in the middle");
    expect_error(ask_once(head + "abc", [](raw_socket& peer) { peer.reset(); }),
                 error_code::unavailable, "127.0.0.1");
}

TEST(http_client_failures, the_answer_is_not_http) {
    for (const std::string wire :
         {"SSH-2.0-OpenSSH_9.2\r\n", "HTTP/2 200\r\n\r\n", "HTTP/1.1 20x OK\r\n\r\n",
          "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"}) {
        const auto answer = ask_once(wire, [](raw_socket& peer) { peer.read_to_end(); });
        SCOPED_TRACE(wire);
        expect_error(answer, error_code::unavailable, "127.0.0.1");
    }
}

TEST(http_client_failures, the_answer_stalls) {
    const auto wait = [](raw_socket& peer) { peer.read_to_end(); };
    for (const std::string wire :
         {"", "HTTP/1.1 200 OK\r\nX-A:", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"}) {
        SCOPED_TRACE(wire);
        expect_error(ask_once(wire, wait, 100), error_code::timeout, "127.0.0.1");
    }
}

TEST(http_client_failures, the_answer_drips) {
    const auto drip = [](raw_socket& peer) {
        // Ends when the client has given up.
        for (int i = 0; i < 50'000 && peer.send("x"); ++i) {
            if (i % 100 == 0)
                base::wait_until(
                    [begin = io_loop::steady_ms()] { return io_loop::steady_ms() > begin; });
        }
    };
    raw_server server([&](raw_socket& peer, int) {
        peer.read_request();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100000000\r\n\r\n");
        drip(peer);
    });
    test_client client;
    auto request = request_to(server.port());
    request.timeout_ms = 100;
    request.max_response_bytes = 200'000'000;
    expect_error(client.send(std::move(request)), error_code::timeout, "127.0.0.1");
}

TEST(http_client_failures, the_answer_is_too_large) {
    const auto flood = [](raw_socket& peer) {
        while (peer.send("64\r\n" + std::string(100, 'x') + "\r\n")) {
        }
    };
    expect_error(ask_once("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", flood),
                 error_code::unsupported, "larger than 1000 bytes");
    expect_error(
        ask_once("HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'x')),
        error_code::unsupported, "larger than 1000 bytes");
    expect_error(ask_once("HTTP/1.1 200 OK\r\n\r\n" + std::string(1001, 'x')),
                 error_code::unsupported, "larger than 1000 bytes");
    const auto exact =
        ask_once("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'x'));
    ASSERT_TRUE(exact);
    EXPECT_EQ(exact->body.size(), 1000u);
}

TEST(http_client_failures, the_head_is_too_large) {
    const auto forever = [](raw_socket& peer) {
        while (peer.send("X-Filler: " + std::string(1000, 'x') + "\r\n")) {
        }
    };
    expect_error(ask_once("HTTP/1.1 200 OK\r\n", forever), error_code::unsupported, "head");
    std::string fields;
    for (int i = 0; i < 51; ++i)
        fields += "X: 1\r\n";
    expect_error(ask_once("HTTP/1.1 200 OK\r\n" + fields + "\r\n"), error_code::unsupported,
                 "head");
    expect_error(ask_once("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" +
                              std::string(100'000, 'x'),
                          [](raw_socket& peer) { peer.read_to_end(); }),
                 error_code::unsupported, "chunk");
}

TEST(http_client_failures, interim_answers_never_end) {
    const auto forever = [](raw_socket& peer) {
        while (peer.send("HTTP/1.1 100 Continue\r\n\r\n")) {
        }
    };
    expect_error(ask_once("", forever), error_code::unavailable, "interim");
}

TEST(http_client_failures, the_request_cannot_be_sent) {
    test_client client;
    const auto attempt = [&](auto change) {
        auto request = request_to(1);
        change(request);
        return client.send(std::move(request));
    };
    for (const auto* method : {"", "GET /x", "G\r\nET", "CONNECT"}) {
        expect_error(attempt([&](auto& request) { request.method = method; }),
                     error_code::invalid_input, "method");
    }
    expect_error(attempt([](auto& request) { request.headers.add("X-A", "b\r\nX-C: hush-hush"); }),
                 error_code::invalid_input, "X-A");
    expect_error(attempt([](auto& request) { request.headers.add("X A", "hush-hush"); }),
                 error_code::invalid_input, "field");
    expect_error(attempt([](auto& request) { request.url = "http://user:hush-hush@a/"; }),
                 error_code::invalid_input, "password");
    expect_error(attempt([](auto& request) { request.url = "ftp://a/?hush-hush"; }),
                 error_code::invalid_input, "http");
}

TEST(http_client_failures, forbidden_addresses_are_not_connected_to) {
    int connections = 0;
    raw_server server([&](raw_socket&, int) { ++connections; });
    const auto port = std::to_string(server.port());
    test_client client(std::vector<std::string>{});
    client.names().add("inside.test", {"127.0.0.1"});
    client.names().add("mixed.test", {"93.184.216.34", "127.0.0.1"});
    for (const std::string host :
         {"127.0.0.1", "inside.test", "mixed.test", "[::1]", "[::ffff:127.0.0.1]", "2130706433"}) {
        SCOPED_TRACE(host);
        const auto answer = client.get("http://" + host + ":" + port + "/");
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error_value().code, error_code::invalid_input);
    }
    EXPECT_EQ(client.stats().connections_opened, 0u);
}

// The name passes the check with its first answer and would lead elsewhere with its second.
TEST(http_client_failures, a_rebinding_name_is_looked_up_once_per_connection) {
    test_server inside([](http_request, responder respond) { respond({}); });
    const auto port = std::to_string(inside.port());
    test_client client({"127.0.0.7:" + port}, [] {
        http_client_options options;
        options.connect_ms = 1000;
        return options;
    }());
    client.names().add("rebind.test", {"127.0.0.7"});  // allowed, and nobody listens there
    client.names().add("rebind.test", {"127.0.0.1"});  // where the server is
    const auto first = client.get("http://rebind.test:" + port + "/");
    expect_error(first, error_code::unavailable, "rebind.test");
    const auto second = client.get("http://rebind.test:" + port + "/");
    expect_error(second, error_code::invalid_input, "loopback");
    EXPECT_EQ(inside.stats().connections_accepted, 0u);
    EXPECT_EQ(client.thread().call([&] { return client.names().lookups(); }), 2);
}

TEST(http_client_failures, a_cancelled_request_ends_at_once_and_closes_its_connection) {
    std::promise<void> arrived;
    std::promise<bool> ended;
    raw_server server([&](raw_socket& peer, int) {
        peer.read_request();
        arrived.set_value();
        ended.set_value(peer.ends_silently());
    });
    test_client client;
    http_client::operation id = 0;
    auto answer = client.begin(request_to(server.port()), &id);
    EXPECT_NE(id, 0u);
    arrived.get_future().get();
    client.client().cancel(id);
    client.client().cancel(id);
    client.client().cancel(id + 100);
    expect_error(answer.get(), error_code::cancelled, "cancelled");
    EXPECT_TRUE(ended.get_future().get());
}

TEST(http_client_failures, a_cancel_right_after_send_still_gives_one_answer) {
    test_server server([](http_request, responder respond) { respond({}); });
    test_client client;
    http_client::operation id = 0;
    auto answer = client.begin(request_to(server.port()), &id);
    client.client().cancel(id);
    const auto outcome = answer.get();
    EXPECT_TRUE(outcome || outcome.error_value().code == error_code::cancelled);
}

TEST(http_client_failures, a_client_may_go_with_requests_under_way) {
    raw_server server([](raw_socket& peer, int) {
        peer.read_request();
        peer.read_to_end();
    });
    std::future<base::result<client_response>> answer;
    {
        test_client client;
        answer = client.begin(request_to(server.port()));
        ASSERT_TRUE(base::wait_until([&] { return client.stats().connections_opened == 1; }));
    }
    EXPECT_THROW(answer.get(), std::future_error) << "the callback was destroyed, not called";
}

}  // namespace
}  // namespace sluice::net
