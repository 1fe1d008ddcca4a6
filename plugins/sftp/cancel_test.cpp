// Calls that the host wants to end while libssh waits.
#include <arpa/inet.h>
#include <sys/socket.h>

#include <array>
#include <chrono>
#include <future>
#include <thread>

#include "session.hpp"
#include "sftp_testing.hpp"

namespace sluice::sftp::testing {
namespace {

// A call without a host, which the test itself asks to end.
class bare_call {
  public:
    explicit bare_call(const json& connection) : text_(connection.dump()) {
        table_.size = sizeof(table_);
        table_.service = [](const sluice_host*, const char*) -> const void* { return nullptr; };
        request_.size = sizeof(request_);
        request_.connection_json = {text_.data(), text_.size()};
        owner_.emplace(&table_);
        ctx_.emplace(*owner_, nullptr, request_);
    }
    context& ctx() { return *ctx_; }

  private:
    std::string text_;
    sluice_host table_{};
    sluice_request request_{};
    std::optional<sluice::host> owner_;
    std::optional<context> ctx_;
};

template <class Condition>
bool comes_true(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
}

sluice_code code_of_log_in(bare_call& call) {
    const auto dog = std::make_shared<watchdog>();
    try {
        const session made(read_settings(call.ctx()), call.ctx(), dog);
        return SLUICE_OK;
    } catch (const failure& error) {
        return error.code();
    }
}

TEST(sftp_cancel, ends_a_log_in_at_a_server_that_says_nothing) {
    const testing_server server;
    tcp_proxy proxy(server.port());
    proxy.stall_after_down(0);
    bare_call call(connection(server, proxy));
    auto running = std::async(std::launch::async, [&] { return code_of_log_in(call); });
    EXPECT_TRUE(comes_true([&] { return proxy.connections() == 1; }));
    call.ctx().mark_cancelled();
    EXPECT_EQ(running.get(), SLUICE_CANCELLED);
}

TEST(sftp_cancel, ends_the_wait_for_an_address_that_nobody_answers) {
    // Who connects to a listener whose queue is full hears nothing.
    const file_descriptor listener(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* const any = reinterpret_cast<sockaddr*>(&address);
    ::bind(listener.get(), any, size);
    ::listen(listener.get(), 0);
    ::getsockname(listener.get(), any, &size);
    std::array<file_descriptor, 8> queue;
    for (file_descriptor& each : queue) {
        each = file_descriptor(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        ::connect(each.get(), any, size);
    }
    json connection{
        {"type", "password"}, {"host", "127.0.0.1"}, {"port", ntohs(address.sin_port)},
        {"username", "u"},    {"password", "p"},     {"hostKey", keys().fingerprint("host")}};
    bare_call cancelled(connection);
    cancelled.ctx().mark_cancelled();
    EXPECT_EQ(code_of_log_in(cancelled), SLUICE_CANCELLED);
    connection.set("timeoutSeconds", 1);
    bare_call patient(connection);
    EXPECT_EQ(code_of_log_in(patient), SLUICE_TIMEOUT);
}

// It may be noticed when the call has all that it needed: the connection is dead nevertheless.
TEST(sftp_cancel, leaves_no_connection_for_the_next_call) {
    const testing_server server;
    bare_call call(connection(server));
    const auto dog = std::make_shared<watchdog>();
    session made(read_settings(call.ctx()), call.ctx(), dog);
    EXPECT_TRUE(made.usable());
    call.ctx().mark_cancelled();
    EXPECT_TRUE(comes_true([&] { return !made.usable(); }));
}

}  // namespace
}  // namespace sluice::sftp::testing
