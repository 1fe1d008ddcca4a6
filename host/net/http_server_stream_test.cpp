// Bodies that pass through the server in pieces.
#include <gtest/gtest.h>

#include "net/body_stream_testing.hpp"
#include "net/http_server.hpp"
#include "net/loop_thread_testing.hpp"
#include "net/raw_socket_testing.hpp"

namespace sluice::net {
namespace {

constexpr std::uint64_t big = 24u << 20;

// A server that streams bodies of /up into a sink and answers /down from a source.
struct http_server_stream : testing::Test {
    void open(checking_sink_options sink = {}, made_source_options source = {},
              http_server_limits limits = {}) {
        http_server_options options;
        options.limits = limits;
        options.on_body = [this, sink](const http_request_head& head) -> body_destination {
            if (head.path != "/up") return {};
            return {std::make_shared<checking_sink>(*loop, record, sink), most};
        };
        server.emplace(
            [this, source](http_request request, responder respond) {
                ++handled;
                http_response response;
                if (request.path == "/up") {
                    response.body = request.sink && request.body.empty() ? "kept" : "whole";
                } else {
                    response.source = std::make_shared<made_source>(*loop, source);
                }
                respond(std::move(response));
            },
            std::move(options));
        loop = &server->thread().loop();
    }
    static std::string head(std::uint64_t length, const std::string& more = {}) {
        return "POST /up HTTP/1.1\r\nHost: a\r\n" + more +
               "Content-Length: " + std::to_string(length) + "\r\n\r\n";
    }
    static bool send_pattern(raw_socket& peer, std::uint64_t size) {
        for (std::uint64_t sent = 0; sent < size;) {
            const auto piece = std::min<std::uint64_t>(size - sent, 64u << 10);
            if (!peer.send(pattern(sent, piece))) return false;
            sent += piece;
        }
        return true;
    }

    io_loop* loop = nullptr;
    std::shared_ptr<sink_record> record = std::make_shared<sink_record>();
    std::uint64_t most = 64u << 20;
    std::atomic<int> handled = 0;
    std::optional<test_server> server;
};

TEST_F(http_server_stream, a_body_goes_into_its_sink_in_bounded_pieces) {
    open();
    auto client = raw_socket::connect(server->port());
    client.send(head(big));
    ASSERT_TRUE(send_pattern(client, big));
    auto reply = client.read_reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 200);
    EXPECT_EQ(reply->body, "kept");
    EXPECT_EQ(record->bytes, big);
    EXPECT_TRUE(record->matches);
    EXPECT_TRUE(record->finished);
    EXPECT_LE(record->largest, 128u << 10);
    // The connection goes on, also in chunks and without a body.
    record = std::make_shared<sink_record>();
    client.send("POST /up HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n" +
                pattern(0, 5) + "\r\n0\r\n\r\n");
    ASSERT_TRUE(client.read_reply());
    EXPECT_EQ(record->bytes, 5u);
    record = std::make_shared<sink_record>();
    client.send("POST /up HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_TRUE(client.read_reply());
    EXPECT_TRUE(record->finished);
    client.send("POST /other HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx");
    ASSERT_TRUE(client.read_reply());
    EXPECT_EQ(handled, 4);
}

TEST_F(http_server_stream, a_body_beyond_the_most_is_refused_at_once_or_on_the_way) {
    most = 1000;
    open();
    auto announced = raw_socket::connect(server->port());
    announced.send(head(1001));
    auto reply = announced.read_reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 413);
    auto chunked = raw_socket::connect(server->port());
    chunked.send("POST /up HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1f4\r\n" +
                 pattern(0, 500) + "\r\n1f5\r\n");
    reply = chunked.read_reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 413);
    EXPECT_FALSE(record->finished);
    EXPECT_TRUE(base::wait_until([&] { return record->gone.load(); }));
    EXPECT_EQ(handled, 0);
}

TEST_F(http_server_stream, a_sender_that_goes_away_leaves_an_unfinished_sink) {
    open();
    {
        auto client = raw_socket::connect(server->port());
        client.send(head(big) + pattern(0, 1000));
        ASSERT_TRUE(base::wait_until([&] { return record->bytes > 0; }));
        client.reset();
    }
    EXPECT_TRUE(base::wait_until([&] { return record->gone.load(); }));
    EXPECT_FALSE(record->finished);
    EXPECT_EQ(handled, 0);
}

TEST_F(http_server_stream, a_sink_that_fails_is_told_to_the_sender) {
    struct {
        base::error_code code;
        int status;
    } const cases[] = {{base::error_code::unsupported, 413},
                       {base::error_code::unavailable, 503},
                       {base::error_code::internal, 500}};
    for (const auto& one : cases) {
        server.reset();
        open({.fails_at = 10, .failure = one.code});
        auto client = raw_socket::connect(server->port());
        client.send(head(100'000) + pattern(0, 1000));
        const auto reply = client.read_reply();
        ASSERT_TRUE(reply);
        EXPECT_EQ(reply->status, one.status);
        EXPECT_NE(reply->body.find("the sink broke"), std::string::npos);
        EXPECT_EQ(reply->headers.get("Connection"), "close");
    }
    server.reset();
    open({.fails_at_end = true});
    auto client = raw_socket::connect(server->port());
    client.send(head(5) + pattern(0, 5));
    const auto reply = client.read_reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 503);
    EXPECT_EQ(handled, 0);
}

TEST_F(http_server_stream, a_slow_sink_holds_the_sender_back_and_is_not_held_against_it) {
    open({}, {}, {.rate_bytes_per_s = 1 << 20, .rate_grace_ms = 40});
    record->hold = true;
    auto client = raw_socket::connect(server->port());
    client.send(head(200'000));
    ASSERT_TRUE(send_pattern(client, 200'000));
    ASSERT_TRUE(base::wait_until([&] { return record->bytes > 0; }));
    EXPECT_FALSE(base::wait_until([&] { return server->stats().refused_slow > 0; }, 150));
    EXPECT_LE(record->bytes, 128u << 10);
    record->hold = false;
    const auto reply = client.read_reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 200);
}

TEST_F(http_server_stream, a_fast_start_does_not_pay_for_a_long_silence) {
    open({}, {}, {.rate_bytes_per_s = 1000, .rate_grace_ms = 100});
    auto client = raw_socket::connect(server->port());
    client.send(head(big));
    // By the average over everything this would buy more than an hour.
    ASSERT_TRUE(send_pattern(client, 8u << 20));
    const auto reply = client.read_reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 408);
    EXPECT_TRUE(base::wait_until([&] { return record->gone.load(); }));
}

TEST_F(http_server_stream, who_expects_100_continue_gets_it_before_the_body_streams) {
    open();
    auto client = raw_socket::connect(server->port());
    client.send(head(5, "Expect: 100-continue\r\n"));
    EXPECT_EQ(client.read_bytes(25), "HTTP/1.1 100 Continue\r\n\r\n");
    client.send(pattern(0, 5));
    ASSERT_TRUE(client.read_reply());
    EXPECT_TRUE(record->finished);
}

// ---- Responses ----------------------------------------------------------------------------------

constexpr const char* down = "GET /down HTTP/1.1\r\nHost: a\r\n\r\n";

TEST_F(http_server_stream, a_response_of_known_length_comes_out_of_a_source) {
    open({}, {.size = big});
    auto client = raw_socket::connect(server->port());
    for (int i = 0; i < 2; ++i) {
        client.send(down);
        const auto reply = client.read_reply();
        ASSERT_TRUE(reply);
        EXPECT_EQ(reply->headers.get("Content-Length"), std::to_string(big));
        EXPECT_TRUE(reply->body == pattern(0, big));
    }
    client.send("HEAD /down HTTP/1.1\r\nHost: a\r\n\r\n");
    const auto reply = client.read_reply(true);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->headers.get("Content-Length"), std::to_string(big));
    // Counted when it is written, which the client may notice first.
    EXPECT_TRUE(base::wait_until([&] { return server->stats().responses == 3; }));
}

TEST_F(http_server_stream, a_response_of_unknown_length_comes_in_chunks_or_until_the_end) {
    open({}, {.size = 10, .piece = 8, .known_length = false});
    auto client = raw_socket::connect(server->port());
    client.send("GET /down HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    auto all = client.read_to_end();
    ASSERT_TRUE(all);
    EXPECT_NE(all->find("Transfer-Encoding: chunked"), std::string::npos);
    EXPECT_TRUE(all->ends_with("\r\n\r\n8\r\n" + pattern(0, 8) + "\r\n2\r\n" + pattern(8, 2) +
                               "\r\n0\r\n\r\n"));
    auto old = raw_socket::connect(server->port());
    old.send("GET /down HTTP/1.0\r\n\r\n");
    all = old.read_to_end();
    ASSERT_TRUE(all);
    EXPECT_EQ(all->find("Transfer-Encoding"), std::string::npos);
    EXPECT_TRUE(all->ends_with("\r\n\r\n" + pattern(0, 10)));
}

TEST_F(http_server_stream, a_source_that_fails_cuts_the_response_off) {
    open({}, {.size = 500'000, .fails_at = 100'000});
    auto client = raw_socket::connect(server->port());
    client.send(down);
    const auto all = client.read_to_end();
    ASSERT_TRUE(all);
    EXPECT_LT(all->size(), 500'000u);
    EXPECT_EQ(server->stats().responses, 0u);
}

TEST_F(http_server_stream, a_reader_that_stops_is_cut_off_and_a_slow_source_is_not) {
    open({}, {.size = 1u << 30}, {.rate_bytes_per_s = 1000, .rate_grace_ms = 50});
    auto client = raw_socket::connect(server->port());
    client.send(down);
    EXPECT_TRUE(base::wait_until([&] { return server->stats().refused_slow == 1; }));

    server.reset();
    open({}, {.size = 3, .piece = 1, .pause_ms = 80},
         {.rate_bytes_per_s = 1000, .rate_grace_ms = 20});
    auto patient = raw_socket::connect(server->port());
    patient.send(down);
    const auto reply = patient.read_reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->body, pattern(0, 3));
}

TEST_F(http_server_stream, a_drain_lets_streams_end) {
    open({}, {.size = 3, .piece = 1, .pause_ms = 30}, {.drain_quiet_ms = 10});
    auto up = raw_socket::connect(server->port());
    up.send(head(10) + pattern(0, 4));
    auto client = raw_socket::connect(server->port());
    client.send(down);
    ASSERT_TRUE(base::wait_until([&] { return record->bytes == 4 && handled == 1; }));
    std::promise<std::size_t> drained;
    server->thread().call([&] {
        server->server().drain(10'000, [&](std::size_t left) { drained.set_value(left); });
        return true;
    });
    up.send(pattern(4, 6));
    const auto kept = up.read_reply();
    ASSERT_TRUE(kept);
    EXPECT_EQ(kept->status, 200);
    const auto reply = client.read_reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->body, pattern(0, 3));
    EXPECT_EQ(drained.get_future().get(), 0u);
}

}  // namespace
}  // namespace sluice::net
