#include "net/raw_socket_testing.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <tuple>
#include <utility>

#include "base/panic.hpp"

namespace sluice::net {

namespace {

constexpr int patience_ms = 10'000;

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

std::pair<int, std::uint16_t> listen_anywhere() {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto address = loopback(0);
    socklen_t size = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    if (::bind(descriptor, plain, size) != 0 || ::listen(descriptor, 64) != 0 ||
        ::getsockname(descriptor, plain, &size) != 0) {
        base::panic("a test cannot listen on the loopback interface");
    }
    return {descriptor, ntohs(address.sin_port)};
}

std::size_t content_length(std::string_view head) {
    for (std::size_t at = 0; at < head.size();) {
        const auto end = head.find("\r\n", at);
        const auto line = head.substr(at, end - at);
        const auto colon = line.find(':');
        if (colon != line.npos && equal_without_case(line.substr(0, colon), "Content-Length")) {
            auto digits = line.substr(colon + 1);
            while (digits.starts_with(' '))
                digits.remove_prefix(1);
            std::size_t length = 0;
            std::from_chars(digits.data(), digits.data() + digits.size(), length);
            return length;
        }
        at = end + 2;
    }
    return 0;
}

}  // namespace

raw_socket raw_socket::connect(std::uint16_t port) {
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const auto address = loopback(port);
    if (::connect(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) {
        return raw_socket(descriptor);
    }
    ::close(descriptor);
    return raw_socket(-1);
}

raw_socket::raw_socket(raw_socket&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)),
      buffer_(std::move(other.buffer_)),
      timed_out_(other.timed_out_) {}

raw_socket::~raw_socket() { close(); }

bool raw_socket::send(std::string_view bytes) {
    while (!bytes.empty()) {
        pollfd waiting{descriptor_, POLLOUT, 0};
        if (::poll(&waiting, 1, patience_ms) != 1) return false;
        const auto sent = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
}

void raw_socket::finish_sending() { ::shutdown(descriptor_, SHUT_WR); }

void raw_socket::close() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

void raw_socket::reset() {
    const linger at_once{1, 0};
    ::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
}

bool raw_socket::fill() {
    pollfd waiting{descriptor_, POLLIN, 0};
    if (::poll(&waiting, 1, patience_ms) != 1) {
        timed_out_ = true;
        return false;
    }
    std::array<char, 65536> bytes;
    const auto got = ::recv(descriptor_, bytes.data(), bytes.size(), 0);
    if (got <= 0) return false;
    buffer_.append(bytes.data(), static_cast<std::size_t>(got));
    return true;
}

bool raw_socket::fill_until_head_ends() {
    while (buffer_.find("\r\n\r\n") == buffer_.npos) {
        if (!fill()) return false;
    }
    return true;
}

std::optional<raw_reply> raw_socket::read_reply(bool to_head) {
    if (!fill_until_head_ends()) return std::nullopt;
    const auto head_size = buffer_.find("\r\n\r\n") + 4;
    const auto head = buffer_.substr(0, head_size);
    raw_reply reply;
    std::from_chars(head.data() + 9, head.data() + 12, reply.status);
    for (auto at = head.find("\r\n") + 2; at + 2 < head.size();) {
        const auto end = head.find("\r\n", at);
        const auto colon = head.find(": ", at);
        reply.headers.add(head.substr(at, colon - at), head.substr(colon + 2, end - colon - 2));
        at = end + 2;
    }
    const auto length = to_head || reply.status < 200 ? 0 : content_length(head);
    while (buffer_.size() < head_size + length) {
        if (!fill()) return std::nullopt;
    }
    reply.body = buffer_.substr(head_size, length);
    buffer_.erase(0, head_size + length);
    return reply;
}

std::string raw_socket::read_request() {
    if (!fill_until_head_ends()) return "";
    const auto head_size = buffer_.find("\r\n\r\n") + 4;
    const auto size = head_size + content_length(std::string_view(buffer_).substr(0, head_size));
    while (buffer_.size() < size) {
        if (!fill()) return "";
    }
    auto request = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return request;
}

std::optional<std::string> raw_socket::read_to_end() {
    while (fill()) {
    }
    if (timed_out_) return std::nullopt;
    return std::exchange(buffer_, {});
}

bool raw_socket::ends_silently() {
    const auto rest = read_to_end();
    return rest && rest->empty();
}

std::string raw_socket::read_bytes(std::size_t count) {
    while (buffer_.size() < count && fill()) {
    }
    auto bytes = buffer_.substr(0, count);
    buffer_.erase(0, count);
    return bytes;
}

raw_server::raw_server(script_function script) {
    std::tie(listener_, port_) = listen_anywhere();
    if (::pipe(wake_) != 0) base::panic("a test cannot make a pipe");
    thread_ = std::thread([this, script = std::move(script)] {
        for (int number = 0;; ++number) {
            std::array<pollfd, 2> waiting{pollfd{listener_, POLLIN, 0},
                                          pollfd{wake_[0], POLLIN, 0}};
            ::poll(waiting.data(), waiting.size(), -1);
            if (waiting[1].revents != 0) return;
            raw_socket peer(::accept(listener_, nullptr, nullptr));
            script(peer, number);
        }
    });
}

raw_server::~raw_server() {
    ::close(wake_[1]);
    thread_.join();
    ::close(wake_[0]);
    ::close(listener_);
}

std::uint16_t unused_port() {
    const auto [descriptor, port] = listen_anywhere();
    ::close(descriptor);
    return port;
}

}  // namespace sluice::net
