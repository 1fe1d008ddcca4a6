#include "proxy_testing.hpp"

#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace sluice::sftp::testing {
namespace {

sockaddr_in loopback(unsigned port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

bool send_all(int to, const char* bytes, std::size_t size) {
    while (size > 0) {
        const ssize_t sent = ::send(to, bytes, size, MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes += sent;
        size -= static_cast<std::size_t>(sent);
    }
    return true;
}

void reset(int peer) {
    const linger at_once{1, 0};
    ::setsockopt(peer, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    ::close(peer);
}

}  // namespace

tcp_proxy::tcp_proxy(unsigned target_port)
    : target_(target_port), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof(address);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    ::listen(listener_, 64);
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
}

tcp_proxy::~tcp_proxy() {
    ended_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    for (std::thread& each : threads_)
        each.join();
    ::close(listener_);
}

void tcp_proxy::cut_after_down(std::uint64_t bytes, int times) noexcept {
    cut_up_ = 0;
    cut_down_ = bytes;
    cuts_left_ = times;
}
void tcp_proxy::cut_after_up(std::uint64_t bytes, int times) noexcept {
    cut_down_ = 0;
    cut_up_ = bytes;
    cuts_left_ = times;
}

tcp_proxy::limits tcp_proxy::next_limits() noexcept {
    if (cuts_left_ <= 0) return {UINT64_MAX, UINT64_MAX};
    --cuts_left_;
    return {cut_down_ == 0 ? UINT64_MAX : cut_down_.load(),
            cut_up_ == 0 ? UINT64_MAX : cut_up_.load()};
}

void tcp_proxy::accept_all() {
    for (;;) {
        const int client = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
        if (client < 0) return;
        ++connections_;
        const limits cut = next_limits();
        threads_.emplace_back([this, client, cut] { serve(client, cut); });
    }
}

void tcp_proxy::serve(int client, limits cut) const {
    const int server = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(target_);
    bool open =
        ::connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
    std::uint64_t down = 0;
    std::uint64_t up = 0;
    std::array<char, 16384> bytes{};
    while (open && !ended_) {
        std::array<pollfd, 2> both{pollfd{client, POLLIN, 0}, pollfd{server, POLLIN, 0}};
        const bool stalled = down >= stall_;
        ::poll(both.data(), stalled ? 0 : 2, 20);
        if (stalled) continue;
        for (std::size_t i = 0; i < 2 && open; ++i) {
            if (both[i].revents == 0) continue;
            const ssize_t got = ::recv(both[i].fd, bytes.data(), bytes.size(), 0);
            open = got > 0 && send_all(both[1 - i].fd, bytes.data(), static_cast<std::size_t>(got));
            (i == 0 ? up : down) += got > 0 ? static_cast<std::uint64_t>(got) : 0;
        }
        open = open && down < cut.down && up < cut.up;
    }
    reset(client);
    reset(server);
}

}  // namespace sluice::sftp::testing
