// Connections kept for reuse: when they are, when not, and what happens when one has gone stale.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <vector>

#include "net/http_client.hpp"
#include "net/loop_thread_testing.hpp"
#include "net/raw_socket_testing.hpp"

namespace sluice::net {
namespace {

constexpr std::string_view empty_ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";

client_request request_to(std::uint16_t port, const std::string& method = "GET") {
    client_request request;
    request.method = method;
    request.url = "http://127.0.0.1:" + std::to_string(port) + "/";
    return request;
}

TEST(http_client_pool, reuses_a_connection) {
    test_server server([](http_request, responder respond) { respond({}); });
    test_client client;
    for (int i = 0; i < 4; ++i)
        ASSERT_TRUE(client.send(request_to(server.port(), "POST")));
    EXPECT_EQ(server.stats().connections_accepted, 1u);
    EXPECT_EQ(client.stats().connections_reused, 3u);
}

TEST(http_client_pool, does_not_mix_hosts_that_share_an_address) {
    test_server server([](http_request request, responder respond) {
        respond(text_response(200, std::string(request.headers.get("Host"))));
    });
    test_client client;
    client.names().add("a.test", {"127.0.0.1"});
    client.names().add("b.test", {"127.0.0.1"});
    const auto port = std::to_string(server.port());
    EXPECT_EQ(client.get("http://a.test:" + port)->body, "a.test:" + port);
    EXPECT_EQ(client.get("http://b.test:" + port)->body, "b.test:" + port);
    EXPECT_EQ(client.stats().connections_opened, 2u);
}

TEST(http_client_pool, does_not_reuse_what_the_peer_wants_closed) {
    for (const std::string answer :
         {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
          "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\nsomething more"}) {
        raw_server server([&](raw_socket& peer, int) {
            while (!peer.read_request().empty())
                peer.send(answer);
        });
        test_client client;
        for (int i = 0; i < 2; ++i)
            ASSERT_TRUE(client.send(request_to(server.port())));
        EXPECT_EQ(client.stats().connections_opened, 2u) << answer;
        EXPECT_EQ(client.stats().idle, 0u);
    }
}

TEST(http_client_pool, forgets_a_connection_that_the_peer_closed_or_spoke_on_unasked) {
    for (const std::string parting : {"", "HTTP/1.1 408 Request Timeout\r\n\r\n"}) {
        raw_server server([&](raw_socket& peer, int) {
            peer.read_request();
            peer.send(empty_ok);
            if (!parting.empty()) peer.send(parting);
        });
        test_client client;
        ASSERT_TRUE(client.send(request_to(server.port(), "POST")));
        EXPECT_TRUE(base::wait_until([&] { return client.stats().idle == 0; }));
        ASSERT_TRUE(client.send(request_to(server.port(), "POST")));
        EXPECT_EQ(client.stats().connections_reused, 0u);
    }
}

// The first connection answers once and closes on the second request, before a byte of an answer.
raw_server::script_function stale_after_one(std::atomic<int>& requests) {
    return [&requests](raw_socket& peer, int number) {
        while (!peer.read_request().empty()) {
            if (++requests == 2 && number == 0) return peer.reset();
            peer.send(empty_ok);
        }
    };
}

TEST(http_client_pool, repeats_an_idempotent_request_on_a_stale_connection_once) {
    std::atomic<int> requests = 0;
    raw_server server(stale_after_one(requests));
    test_client client;
    ASSERT_TRUE(client.send(request_to(server.port())));
    const auto second = client.send(request_to(server.port()));
    ASSERT_TRUE(second) << second.error_value().to_text();
    EXPECT_EQ(client.stats().retries, 1u);
    EXPECT_EQ(client.stats().connections_opened, 2u);
    EXPECT_EQ(requests, 3);
}

TEST(http_client_pool, does_not_repeat_a_post_that_was_written) {
    std::atomic<int> requests = 0;
    raw_server server(stale_after_one(requests));
    test_client client;
    ASSERT_TRUE(client.send(request_to(server.port(), "POST")));
    const auto second = client.send(request_to(server.port(), "POST"));
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error_value().code, base::error_code::unavailable);
    EXPECT_EQ(client.stats().retries, 0u);
    EXPECT_EQ(requests, 2);
}

TEST(http_client_pool, does_not_repeat_once_part_of_an_answer_came) {
    std::atomic<int> requests = 0;
    raw_server server([&](raw_socket& peer, int) {
        while (!peer.read_request().empty()) {
            if (++requests == 2) {
                peer.send("HTTP/1.1 200");
                return;
            }
            peer.send(empty_ok);
        }
    });
    test_client client;
    ASSERT_TRUE(client.send(request_to(server.port())));
    EXPECT_FALSE(client.send(request_to(server.port())));
    EXPECT_EQ(client.stats().retries, 0u);
    EXPECT_EQ(requests, 2);
}

TEST(http_client_pool, does_not_repeat_on_a_connection_that_was_new) {
    std::atomic<int> connections = 0;
    raw_server server([&](raw_socket& peer, int) {
        ++connections;
        peer.read_request();
    });
    test_client client;
    EXPECT_FALSE(client.send(request_to(server.port())));
    EXPECT_EQ(connections, 1);
}

TEST(http_client_pool, keeps_no_more_than_the_limit_and_not_for_ever) {
    http_client_options options;
    options.idle_per_host = 2;
    options.idle_ms = 100;
    std::vector<responder> waiting;
    test_server server([&](http_request, responder respond) {
        waiting.push_back(std::move(respond));
        if (waiting.size() < 5) return;
        for (const auto& each : waiting)
            each({});
        waiting.clear();
    });
    test_client client({"127.0.0.0/8"}, options);
    std::vector<std::future<base::result<client_response>>> answers;
    for (int i = 0; i < 5; ++i)
        answers.push_back(client.begin(request_to(server.port())));
    for (auto& answer : answers)
        ASSERT_TRUE(answer.get());
    EXPECT_LE(client.stats().idle, 2u);
    EXPECT_TRUE(base::wait_until([&] { return client.stats().idle == 0; }));
    EXPECT_TRUE(base::wait_until([&] { return server.stats().connections_open == 0; }));
}

TEST(http_client_pool, looks_names_up_again_when_a_connection_is_old) {
    http_client_options options;
    options.max_age_ms = 0;
    test_server server([](http_request, responder respond) { respond({}); });
    test_client client({"127.0.0.0/8"}, options);
    client.names().add("a.test", {"127.0.0.1"});
    const auto target = "http://a.test:" + std::to_string(server.port()) + "/";
    ASSERT_TRUE(client.get(target));
    ASSERT_TRUE(client.get(target));
    EXPECT_EQ(client.thread().call([&] { return client.names().lookups(); }), 2);
}

// A server that answers when told to.
struct held_server {
    std::mutex mutex;
    std::vector<responder> open;
    test_server server{[this](http_request, responder respond) {
        const std::lock_guard lock(mutex);
        open.push_back(std::move(respond));
    }};
    std::size_t waiting() {
        const std::lock_guard lock(mutex);
        return open.size();
    }
    void answer_one() {
        const std::lock_guard lock(mutex);
        open.back()({});
        open.pop_back();
    }
};

TEST(http_client_pool, requests_beyond_the_hosts_connections_wait_in_line) {
    held_server held;
    test_server other([](http_request, responder respond) { respond({}); });
    http_client_options options;
    options.connections_per_host = 2;
    test_client client({"127.0.0.0/8"}, options);
    std::vector<std::future<base::result<client_response>>> answers;
    for (int i = 0; i < 4; ++i)
        answers.push_back(client.begin(request_to(held.server.port())));
    http_client::operation given_up = 0;
    auto cancelled = client.begin(request_to(held.server.port()), &given_up);
    ASSERT_TRUE(base::wait_until([&] { return held.waiting() == 2; }));
    ASSERT_TRUE(client.send(request_to(other.port()))) << "another host has places of its own";
    EXPECT_EQ(held.server.stats().connections_accepted, 2u);
    client.client().cancel(given_up);
    EXPECT_EQ(cancelled.get().error_value().code, base::error_code::cancelled);
    for (int i = 0; i < 4; ++i) {
        ASSERT_TRUE(base::wait_until([&] { return held.waiting() > 0; }));
        held.answer_one();
    }
    for (auto& answer : answers)
        EXPECT_TRUE(answer.get());
    EXPECT_EQ(held.server.stats().connections_accepted, 2u);
}

TEST(http_client_pool, a_request_whose_time_is_over_gives_its_place_to_the_next) {
    held_server held;
    http_client_options options;
    options.connections_per_host = 1;
    test_client client({"127.0.0.0/8"}, options);
    client_request hurried = request_to(held.server.port());
    hurried.timeout_ms = 50;
    auto first = client.begin(hurried);
    auto second = client.begin(request_to(held.server.port()));
    EXPECT_EQ(first.get().error_value().code, base::error_code::timeout);
    ASSERT_TRUE(base::wait_until([&] { return held.waiting() == 2; }));
    held.answer_one();
    EXPECT_TRUE(second.get());
}

TEST(http_client_pool, the_time_of_a_request_begins_with_its_turn) {
    held_server held;
    http_client_options options;
    options.connections_per_host = 1;
    test_client client({"127.0.0.0/8"}, options);
    auto first = client.begin(request_to(held.server.port()));
    ASSERT_TRUE(base::wait_until([&] { return held.waiting() == 1; }));
    client_request hurried = request_to(held.server.port());
    hurried.timeout_ms = 50;
    auto second = client.begin(hurried);
    const std::int64_t begin = io_loop::steady_ms();
    ASSERT_TRUE(base::wait_until([&] { return io_loop::steady_ms() > begin + 100; }));
    EXPECT_EQ(second.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
    held.answer_one();
    EXPECT_TRUE(first.get());
    EXPECT_EQ(second.get().error_value().code, base::error_code::timeout);
}

}  // namespace
}  // namespace sluice::net
