#include "connect_socket.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <cerrno>
#include <memory>
#include <system_error>

namespace sluice::sftp {
namespace {

using addresses = std::unique_ptr<addrinfo, void (*)(addrinfo*)>;

[[noreturn]] void cannot_connect(sluice_code code, const settings& wanted, const std::string& why) {
    throw failure(code, "cannot connect to " + address_of(wanted) + ": " + why);
}

addresses look_up(const settings& wanted) {
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    const std::string port = std::to_string(wanted.port);
    const int status = ::getaddrinfo(wanted.host.c_str(), port.c_str(), &hints, &found);
    if (status != 0) cannot_connect(SLUICE_UNAVAILABLE, wanted, ::gai_strerror(status));
    return {found, &::freeaddrinfo};
}

// One timeout for all addresses of a name.
class patience {
  public:
    patience(const settings& wanted, const context& ctx)
        : rounds_(wanted.timeout_seconds * rounds_in_a_second), ctx_(ctx) {}

    // 0, or the errno of what went wrong.
    int wait_for(const file_descriptor& socket) {
        for (; rounds_ > 0; --rounds_) {
            stop_if_cancelled(ctx_);
            pollfd waiting{socket.get(), POLLOUT, 0};
            if (::poll(&waiting, 1, 1000 / rounds_in_a_second) <= 0) continue;
            int error = 0;
            socklen_t size = sizeof(error);
            ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size);
            return error;
        }
        return ETIMEDOUT;
    }

  private:
    static constexpr unsigned rounds_in_a_second = 20;
    unsigned rounds_;
    const context& ctx_;
};

}  // namespace

void stop_if_cancelled(const context& ctx) {
    if (ctx.cancelled()) throw failure(SLUICE_CANCELLED, "the host asked the call to end");
}

file_descriptor connect_socket(const settings& wanted, const context& ctx) {
    patience left(wanted, ctx);
    const addresses found = look_up(wanted);
    int error = 0;
    for (const addrinfo* each = found.get(); each != nullptr; each = each->ai_next) {
        file_descriptor socket(
            ::socket(each->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
        error = socket ? 0 : errno;
        if (error == 0 && ::connect(socket.get(), each->ai_addr, each->ai_addrlen) != 0) {
            error = errno == EINPROGRESS ? left.wait_for(socket) : errno;
        }
        if (error != 0) continue;
        const int yes = 1;
        ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
        return socket;
    }
    cannot_connect(error == ETIMEDOUT ? SLUICE_TIMEOUT : SLUICE_UNAVAILABLE, wanted,
                   std::generic_category().message(error));
}

}  // namespace sluice::sftp
