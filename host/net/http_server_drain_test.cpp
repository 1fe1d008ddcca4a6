// The orderly end: nothing that was accepted is dropped, and it does end.
#include <gtest/gtest.h>

#include <atomic>
#include <mutex>

#include "net/http_server.hpp"
#include "net/loop_thread_testing.hpp"
#include "net/raw_socket_testing.hpp"

namespace sluice::net {
namespace {

constexpr std::string_view get = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";

std::future<std::size_t> begin_drain(test_server& server, std::int64_t deadline_ms) {
    auto promise = std::make_shared<std::promise<std::size_t>>();
    auto future = promise->get_future();
    server.thread().call([&] {
        server.server().drain(
            deadline_ms, [promise](std::size_t unanswered) { promise->set_value(unanswered); });
        return 0;
    });
    return future;
}

TEST(server_drain, is_done_when_there_is_nothing_to_wait_for) {
    test_server server([](http_request, responder respond) { respond({}); });
    EXPECT_EQ(begin_drain(server, 60'000).get(), 0u);
    EXPECT_FALSE(raw_socket::connect(server.port()).is_open());
}

TEST(server_drain, closes_idle_connections_and_waits_for_open_requests) {
    std::optional<responder> waiting;
    std::atomic<bool> arrived = false;
    test_server server([&](http_request request, responder respond) {
        if (request.path == "/") return respond({});
        waiting = std::move(respond);
        arrived = true;
    });
    auto idle = raw_socket::connect(server.port());
    idle.send(get);
    ASSERT_TRUE(idle.read_reply());
    auto busy = raw_socket::connect(server.port());
    busy.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_TRUE(base::wait_until([&] { return arrived.load(); }));

    auto drained = begin_drain(server, 60'000);
    EXPECT_TRUE(idle.ends_silently());
    EXPECT_FALSE(raw_socket::connect(server.port()).is_open());
    EXPECT_NE(drained.wait_for(std::chrono::seconds(0)), std::future_status::ready);
    server.thread().call([&] {
        (*waiting)(text_response(200, "finished"));
        waiting.reset();
        return 0;
    });
    const auto reply = busy.read_reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->body, "finished");
    EXPECT_EQ(reply->headers.get("Connection"), "close");
    EXPECT_TRUE(busy.ends_silently());
    EXPECT_EQ(drained.get(), 0u);
}

TEST(server_drain, finishes_a_request_whose_body_is_still_arriving) {
    test_server server(
        [](http_request request, responder respond) { respond(text_response(200, request.body)); });
    auto client = raw_socket::connect(server.port());
    client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nab");
    ASSERT_TRUE(base::wait_until([&] { return server.stats().connections_open == 1; }));
    auto drained = begin_drain(server, 60'000);
    client.send("cd");
    const auto reply = client.read_reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->body, "abcd");
    EXPECT_EQ(drained.get(), 0u);
}

TEST(server_drain, answers_all_pipelined_requests_that_had_arrived) {
    std::optional<responder> waiting;
    std::atomic<bool> arrived = false;
    test_server server([&](http_request request, responder respond) {
        if (request.path != "/slow") return respond({});
        waiting = std::move(respond);
        arrived = true;
    });
    auto client = raw_socket::connect(server.port());
    client.send("GET /slow HTTP/1.1\r\nHost: a\r\n\r\n" + std::string(get) + std::string(get));
    ASSERT_TRUE(base::wait_until([&] { return arrived.load(); }));
    auto drained = begin_drain(server, 60'000);
    server.thread().call([&] {
        (*waiting)({});
        waiting.reset();
        return 0;
    });
    EXPECT_FALSE(client.read_reply().value().headers.has("Connection"));
    EXPECT_FALSE(client.read_reply().value().headers.has("Connection"));
    EXPECT_EQ(client.read_reply().value().headers.get("Connection"), "close");
    EXPECT_EQ(drained.get(), 0u);
}

TEST(server_drain, ends_at_the_deadline_and_counts_what_got_no_answer) {
    std::mutex mutex;
    std::vector<responder> waiting;
    test_server server([&](http_request, responder respond) {
        const std::lock_guard lock(mutex);
        waiting.push_back(std::move(respond));
    });
    auto first = raw_socket::connect(server.port());
    auto second = raw_socket::connect(server.port());
    auto half = raw_socket::connect(server.port());
    first.send(get);
    second.send(get);
    half.send("GET / HTTP/1.1\r\n");
    ASSERT_TRUE(base::wait_until([&] { return server.stats().requests == 2; }));
    EXPECT_EQ(begin_drain(server, 50).get(), 2u);
    EXPECT_TRUE(first.ends_silently());
    EXPECT_TRUE(half.ends_silently());
    const std::lock_guard lock(mutex);
    for (const auto& respond : waiting)
        respond({});
}

// Many clients send as fast as they can while the server drains. A client may see its kept-alive
// connection closed between two requests; it must never see a request taken and not answered.
TEST(server_drain, drops_no_accepted_request_under_load) {
    std::atomic<int> handled = 0;
    loop_thread workers;
    test_server server([&](http_request, responder respond) {
        ++handled;
        workers.loop().run_after(handled % 5, [respond] { respond(text_response(200, "ok")); });
    });
    std::atomic<int> answered = 0;
    std::atomic<int> refused = 0;
    std::vector<std::thread> clients;
    for (int i = 0; i < 8; ++i) {
        clients.emplace_back([&] {
            while (true) {
                auto client = raw_socket::connect(server.port());
                if (!client.is_open()) {
                    ++refused;
                    return;
                }
                while (client.send(get)) {
                    const auto reply = client.read_reply();
                    if (!reply) break;
                    ++answered;
                    if (reply->headers.has("Connection")) break;
                }
            }
        });
    }
    ASSERT_TRUE(base::wait_until([&] { return handled > 200; }));
    EXPECT_EQ(begin_drain(server, 10'000).get(), 0u);
    for (auto& client : clients)
        client.join();
    EXPECT_EQ(refused, 8);
    EXPECT_EQ(answered, handled);
}

}  // namespace
}  // namespace sluice::net
