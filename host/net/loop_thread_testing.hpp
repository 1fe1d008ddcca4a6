// An io_loop turning on a thread of its own, and what tests need around it.
#pragma once

#include <future>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "base/base_testing.hpp"
#include "net/http_client.hpp"
#include "net/http_server.hpp"
#include "net/io_loop.hpp"
#include "net/resolver.hpp"

namespace sluice::net {

class loop_thread {
  public:
    loop_thread() : thread_([this] { loop_.run(); }) {}
    ~loop_thread() { stop(); }
    loop_thread(const loop_thread&) = delete;
    loop_thread& operator=(const loop_thread&) = delete;

    io_loop& loop() { return loop_; }
    void stop();  // and waits for the thread; idempotent

    // Runs `work` on the loop's thread and waits for its result.
    template <class Work>
    auto call(Work work) -> decltype(work()) {
        std::packaged_task<decltype(work())()> task(std::move(work));
        auto outcome = task.get_future();
        loop_.post([&task] { task(); });
        return outcome.get();
    }

  private:
    io_loop loop_;
    std::thread thread_;
};

// A server on a free loopback port, running until the end of the scope.
class test_server {
  public:
    explicit test_server(http_handler handler, http_server_options options = {});
    ~test_server();
    test_server(const test_server&) = delete;
    test_server& operator=(const test_server&) = delete;

    std::uint16_t port() const { return port_; }
    loop_thread& thread() { return thread_; }
    http_server& server() { return *server_; }  // on its loop's thread
    http_server_stats stats();

  private:
    loop_thread thread_;
    std::unique_ptr<http_server> server_;
    std::uint16_t port_ = 0;
};

// Answers from a script: each lookup of a name takes its next answer, the last one stays.
class scripted_resolver final : public resolver {
  public:
    explicit scripted_resolver(base::event_loop& loop) : loop_(loop) {}
    void add(const std::string& host, const std::vector<std::string>& addresses);
    void resolve(const std::string& host, done_function done) override;
    int lookups() const { return lookups_; }  // after the loop stopped, or on its thread

  private:
    base::event_loop& loop_;
    std::vector<std::pair<std::string, std::vector<ip_address>>> answers_;
    int lookups_ = 0;
};

// A client whose names come from a script; waits for each answer.
class test_client {
  public:
    explicit test_client(std::vector<std::string> allow = {"127.0.0.0/8"},
                         http_client_options options = {});
    ~test_client();
    test_client(const test_client&) = delete;
    test_client& operator=(const test_client&) = delete;

    base::result<client_response> send(client_request request);
    base::result<client_response> get(const std::string& url);
    // For requests that a test wants to leave under way.
    std::future<base::result<client_response>> begin(client_request request,
                                                     http_client::operation* id = nullptr);
    http_client& client() { return *client_; }
    http_client_stats stats();
    scripted_resolver& names() { return names_; }  // fill before the first request
    loop_thread& thread() { return thread_; }

  private:
    loop_thread thread_;
    scripted_resolver names_;
    egress_guard guard_;
    std::unique_ptr<http_client> client_;
};

}  // namespace sluice::net
