// Bodies that pass through the client in pieces.
#include <gtest/gtest.h>

#include "net/body_stream_testing.hpp"
#include "net/http_client.hpp"
#include "net/loop_thread_testing.hpp"
#include "net/raw_socket_testing.hpp"

namespace sluice::net {
namespace {

constexpr std::uint64_t big = 24u << 20;

std::string at(std::uint16_t port, const std::string& target = "/") {
    return "http://127.0.0.1:" + std::to_string(port) + target;
}

struct http_client_stream : testing::Test {
    client_request upload(std::uint16_t port, made_source_options options) {
        client_request request;
        request.method = "PUT";
        request.url = at(port);
        source = std::make_shared<made_source>(client.thread().loop(), options);
        request.source = source;
        return request;
    }
    client_request download(std::uint16_t port, checking_sink_options options = {}) {
        client_request request;
        request.url = at(port);
        request.choose_sink = [this, options](const client_response& head) {
            chosen_for = head.status;
            ++asked;
            return std::make_shared<checking_sink>(client.thread().loop(), record, options);
        };
        return request;
    }

    test_client client;
    std::shared_ptr<made_source> source;
    std::shared_ptr<sink_record> record = std::make_shared<sink_record>();
    std::atomic<int> chosen_for = 0;
    std::atomic<int> asked = 0;
};

// A server that reads a body and tells how long it was and whether it was the pattern.
http_handler measure() {
    return [](http_request request, responder respond) {
        const bool same = request.body == pattern(0, request.body.size());
        respond(text_response(200, std::to_string(request.body.size()) + (same ? "" : " differs")));
    };
}

http_server_options large() {
    http_server_options options;
    options.limits.body_bytes = 64u << 20;
    return options;
}

TEST_F(http_client_stream, sends_a_body_of_known_length_from_a_source) {
    test_server server(measure(), large());
    const auto answer = client.send(upload(server.port(), {.size = big}));
    ASSERT_TRUE(answer) << answer.error_value().to_text();
    EXPECT_EQ(answer->body, std::to_string(big));
    source.reset();
    ASSERT_TRUE(client.send(upload(server.port(), {.size = 0})));
    EXPECT_EQ(client.stats().connections_opened, 1u);
}

TEST_F(http_client_stream, sends_a_body_of_unknown_length_in_chunks) {
    test_server server(measure(), large());
    for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1}, big}) {
        const auto answer =
            client.send(upload(server.port(), {.size = size, .known_length = false}));
        ASSERT_TRUE(answer) << answer.error_value().to_text();
        EXPECT_EQ(answer->body, std::to_string(size));
    }
    EXPECT_EQ(client.stats().connections_opened, 1u);
}

TEST_F(http_client_stream, reads_the_source_no_faster_than_the_peer_takes) {
    std::promise<void> go_on;
    raw_server server([&](raw_socket& peer, int) {
        go_on.get_future().wait();
        peer.read_bytes(1);
        peer.reset();
    });
    client.begin(upload(server.port(), {.size = 1u << 30}));
    ASSERT_TRUE(base::wait_until([&] { return source->given() > 0; }));
    std::uint64_t before = 0;
    // What fits into the sockets' buffers, and then nothing more.
    ASSERT_TRUE(base::wait_until([&] {
        const std::uint64_t now = source->given();
        client.stats();
        return std::exchange(before, now) == now && now > 100'000;
    }));
    EXPECT_LT(source->given(), 64u << 20);
    go_on.set_value();
}

TEST_F(http_client_stream, an_early_answer_ends_the_upload) {
    raw_server server([](raw_socket& peer, int) {
        peer.read_bytes(1000);
        peer.send("HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno");
        peer.read_to_end();
    });
    const auto answer = client.send(upload(server.port(), {.size = 1ull << 40}));
    ASSERT_TRUE(answer) << answer.error_value().to_text();
    EXPECT_EQ(answer->status, 413);
    EXPECT_EQ(client.stats().idle, 0u);
}

TEST_F(http_client_stream, a_source_that_fails_ends_the_request_with_its_error) {
    raw_server server([](raw_socket& peer, int) { peer.read_to_end(); });
    const auto answer = client.send(upload(server.port(), {.size = big, .fails_at = 200'000}));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error_value().message, "the source broke");
}

TEST_F(http_client_stream, a_redirect_that_keeps_the_body_reads_it_again_or_fails) {
    http_server_options options = large();
    test_server server(
        [](http_request request, responder respond) {
            if (request.path == "/") return respond({307, {{"Location", "/there"}}, ""});
            measure()(std::move(request), std::move(respond));
        },
        options);
    auto request = upload(server.port(), {.size = 300'000});
    request.follow_redirects = true;
    const auto answer = client.send(std::move(request));
    ASSERT_TRUE(answer) << answer.error_value().to_text();
    EXPECT_EQ(answer->body, "300000");
    auto once = upload(server.port(), {.size = 300'000, .can_rewind = false});
    once.follow_redirects = true;
    EXPECT_EQ(client.send(std::move(once)).error_value().code, base::error_code::unsupported);
}

// ---- Answers ------------------------------------------------------------------------------------

http_handler give(made_source_options options) {
    return [options](http_request, responder respond) {
        http_response response;
        response.body = pattern(0, options.size);
        respond(std::move(response));
    };
}

TEST_F(http_client_stream, an_answer_goes_into_a_sink_in_bounded_pieces) {
    test_server server(give({.size = big}));
    const auto answer = client.send(download(server.port()));
    ASSERT_TRUE(answer) << answer.error_value().to_text();
    EXPECT_EQ(answer->body, "");
    EXPECT_EQ(record->bytes, big);
    EXPECT_TRUE(record->matches);
    EXPECT_TRUE(record->finished);
    EXPECT_TRUE(record->gone);
    EXPECT_LE(record->largest, 128u << 10);
    EXPECT_EQ(client.stats().idle, 1u);
}

TEST_F(http_client_stream, an_empty_answer_finishes_its_sink_too) {
    test_server server(give({.size = 0}));
    ASSERT_TRUE(client.send(download(server.port())));
    EXPECT_TRUE(record->finished);
    EXPECT_EQ(chosen_for, 200);
}

TEST_F(http_client_stream, chunked_and_close_delimited_answers_stream_too) {
    raw_server server([](raw_socket& peer, int number) {
        peer.read_request();
        if (number == 0) {
            peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
            peer.send("5\r\n" + pattern(0, 5) + "\r\n3\r\n" + pattern(5, 3) + "\r\n0\r\n\r\n");
        } else {
            peer.send("HTTP/1.1 200 OK\r\n\r\n" + pattern(0, 9));
        }
    });
    ASSERT_TRUE(client.send(download(server.port())));
    EXPECT_EQ(record->bytes, 8u);
    record = std::make_shared<sink_record>();
    ASSERT_TRUE(client.send(download(server.port())));
    EXPECT_EQ(record->bytes, 9u);
    EXPECT_TRUE(record->matches);
}

TEST_F(http_client_stream, a_slow_sink_holds_the_peer_back) {
    std::atomic<std::uint64_t> sent = 0;
    raw_server server([&](raw_socket& peer, int) {
        peer.read_request();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(big) + "\r\n\r\n");
        while (sent < big && peer.send(pattern(sent, 64u << 10)))
            sent += 64u << 10;
    });
    record->hold = true;
    auto outcome = client.begin(download(server.port()));
    std::uint64_t before = 0;
    ASSERT_TRUE(base::wait_until([&] {
        client.stats();
        const std::uint64_t now = sent;
        return record->bytes > 0 && std::exchange(before, now) == now;
    }));
    EXPECT_LE(record->bytes, 128u << 10);
    EXPECT_LT(sent, big);
    record->hold = false;
    const auto answer = outcome.get();
    ASSERT_TRUE(answer) << answer.error_value().to_text();
    EXPECT_EQ(record->bytes, big);
    EXPECT_TRUE(record->matches);
}

TEST_F(http_client_stream, a_reset_in_the_middle_fails_and_lets_go_of_the_sink) {
    raw_server server([](raw_socket& peer, int) {
        peer.read_request();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + pattern(0, 300'000));
        peer.reset();
    });
    const auto answer = client.send(download(server.port()));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error_value().code, base::error_code::unavailable);
    EXPECT_TRUE(base::wait_until([&] { return record->gone.load(); }));
    EXPECT_FALSE(record->finished);
}

TEST_F(http_client_stream, a_sink_that_fails_ends_the_request_with_its_error) {
    test_server server(give({.size = big}));
    const auto answer = client.send(download(server.port(), {.fails_at = 100'000}));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error_value().message, "the sink broke");
    record = std::make_shared<sink_record>();
    const auto late = client.send(download(server.port(), {.fails_at_end = true}));
    ASSERT_FALSE(late);
    EXPECT_EQ(late.error_value().message, "the sink broke at the end");
}

TEST_F(http_client_stream, more_than_allowed_is_refused_before_or_while_it_comes) {
    test_server server(give({.size = big}));
    auto request = download(server.port());
    request.max_streamed_bytes = 1u << 20;
    const auto answer = client.send(std::move(request));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error_value().code, base::error_code::unsupported);
    EXPECT_EQ(record->bytes, 0u);

    raw_server endless([](raw_socket& peer, int) {
        peer.read_request();
        peer.send("HTTP/1.1 200 OK\r\n\r\n");
        for (std::uint64_t sent = 0; peer.send(pattern(sent, 64u << 10));)
            sent += 64u << 10;
    });
    auto second = download(endless.port());
    second.max_streamed_bytes = 1u << 20;
    EXPECT_EQ(client.send(std::move(second)).error_value().code, base::error_code::unsupported);
    EXPECT_LE(record->bytes, 1u << 20);
}

TEST_F(http_client_stream, the_deadline_holds_while_a_sink_is_slow) {
    test_server server(give({.size = big}));
    record->hold = true;
    auto request = download(server.port());
    request.timeout_ms = 100;
    EXPECT_EQ(client.send(std::move(request)).error_value().code, base::error_code::timeout);
    EXPECT_FALSE(record->finished);
}

TEST_F(http_client_stream, a_silent_peer_is_given_up_but_a_slow_sink_is_not_a_silent_peer) {
    raw_server server([](raw_socket& peer, int) {
        peer.read_request();
        peer.send("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + pattern(0, 10));
        peer.read_to_end();
    });
    auto request = download(server.port());
    request.timeout_ms = 0;
    request.stall_ms = 50;
    const auto answer = client.send(std::move(request));
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error_value().code, base::error_code::timeout);

    test_server whole(give({.size = 1000}));
    record = std::make_shared<sink_record>();
    record->hold = true;
    auto patient = download(whole.port());
    patient.timeout_ms = 0;
    patient.stall_ms = 30;
    auto outcome = client.begin(std::move(patient));
    ASSERT_TRUE(base::wait_until([&] { return record->bytes == 1000; }));
    EXPECT_EQ(outcome.wait_for(std::chrono::milliseconds(120)), std::future_status::timeout);
    record->hold = false;
    EXPECT_TRUE(outcome.get());
}

TEST_F(http_client_stream, a_redirect_that_is_followed_needs_no_sink) {
    test_server server([](http_request request, responder respond) {
        if (request.path == "/") return respond({302, {{"Location", "/x"}}, "moved"});
        respond({200, {}, pattern(0, 5)});
    });
    auto request = download(server.port());
    request.follow_redirects = true;
    ASSERT_TRUE(client.send(std::move(request)));
    EXPECT_EQ(asked, 1);
    EXPECT_EQ(record->bytes, 5u);
}

TEST_F(http_client_stream, both_directions_at_once) {
    test_server server(
        [](http_request request, responder respond) {
            respond({200, {}, std::move(request.body)});
        },
        large());
    auto request = download(server.port());
    request.method = "POST";
    request.source =
        std::make_shared<made_source>(client.thread().loop(), made_source_options{.size = big});
    const auto answer = client.send(std::move(request));
    ASSERT_TRUE(answer) << answer.error_value().to_text();
    EXPECT_EQ(record->bytes, big);
    EXPECT_TRUE(record->matches);
}

}  // namespace
}  // namespace sluice::net
