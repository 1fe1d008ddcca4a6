#include "scripted_server_testing.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <libssh/server.h>
#include <sys/socket.h>

#include <array>
#include <memory>

#include "raii.hpp"

namespace sluice::sftp::testing {
namespace {

struct free_bind {
    void operator()(ssh_bind bind) const noexcept { ssh_bind_free(bind); }
};
struct free_message {
    void operator()(ssh_message message) const noexcept { ssh_message_free(message); }
};
using message_pointer = std::unique_ptr<ssh_message_struct, free_message>;

// libssh would rather call back; asked in turn, it is all in one place here.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
std::string password_of(ssh_message asked) {
    const char* given = ssh_message_auth_password(asked);
    return given == nullptr ? "" : given;
}
#pragma GCC diagnostic pop

// Whether the log-in is answered with yes.
bool lets_in(const script& how, ssh_session session, ssh_message asked) {
    const int method = ssh_message_subtype(asked);
    if (method == SSH_AUTH_METHOD_PASSWORD && !how.asks_for_password) {
        return password_of(asked) == how.password;
    }
    if (method != SSH_AUTH_METHOD_INTERACTIVE || !how.asks_for_password) return false;
    if (ssh_message_auth_kbdint_is_response(asked) == 0) return false;
    const char* answer = ssh_userauth_kbdint_getanswer(session, 0);
    return answer != nullptr && answer == how.password;
}

void answer_log_in(const script& how, ssh_session session, ssh_message asked) {
    if (lets_in(how, session, asked)) {
        ssh_message_auth_reply_success(asked, 0);
        return;
    }
    const bool begins = ssh_message_subtype(asked) == SSH_AUTH_METHOD_INTERACTIVE &&
                        ssh_message_auth_kbdint_is_response(asked) == 0;
    if (begins && how.asks_for_password) {
        const char* question = "Password: ";
        char visible = 0;
        ssh_message_auth_interactive_request(asked, "", "", 1, &question, &visible);
        return;
    }
    ssh_message_auth_set_methods(
        asked, how.asks_for_password ? SSH_AUTH_METHOD_INTERACTIVE : SSH_AUTH_METHOD_PASSWORD);
    ssh_message_reply_default(asked);
}

// Up to the subsystem; null when the client goes before.
ssh_channel open_channel(const script& how, ssh_session session) {
    ssh_channel channel = nullptr;
    for (;;) {
        const message_pointer message(ssh_message_get(session));
        if (!message) return nullptr;
        switch (ssh_message_type(message.get())) {
            case SSH_REQUEST_AUTH:
                answer_log_in(how, session, message.get());
                break;
            case SSH_REQUEST_CHANNEL_OPEN:
                channel = ssh_message_channel_request_open_reply_accept(message.get());
                break;
            case SSH_REQUEST_CHANNEL:
                ssh_message_channel_request_reply_success(message.get());
                if (ssh_message_subtype(message.get()) == SSH_CHANNEL_REQUEST_SUBSYSTEM) {
                    return channel;
                }
                break;
            default:
                ssh_message_reply_default(message.get());
        }
    }
}

bool read_exactly(ssh_channel channel, std::string& into) {
    for (std::size_t done = 0; done < into.size();) {
        const auto left = static_cast<std::uint32_t>(into.size() - done);
        const int got = ssh_channel_read(channel, into.data() + done, left, 0);
        if (got <= 0) return false;
        done += static_cast<std::size_t>(got);
    }
    return true;
}

std::uint32_t size_of(const std::string& length) {
    std::uint32_t size = 0;
    for (const char byte : length)
        size = size << 8 | static_cast<unsigned char>(byte);
    return size;
}

}  // namespace

scripted_server::scripted_server(script how)
    : how_(std::move(how)), listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    ::bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size);
    ::listen(listener_.get(), 16);
    ::getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept_all(); });
}

scripted_server::~scripted_server() {
    ::shutdown(listener_.get(), SHUT_RDWR);
    acceptor_.join();
    for (client& each : clients_) {
        ::shutdown(each.socket.get(), SHUT_RDWR);
        each.thread.join();
    }
}

json scripted_server::connection() const {
    return json{{"type", "password"},
                {"host", "127.0.0.1"},
                {"port", port_},
                {"username", "somebody"},
                {"password", how_.password},
                {"hostKey", keys().fingerprint("host")}};
}

void scripted_server::accept_all() {
    for (;;) {
        const int socket = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
        if (socket < 0) return;
        client& made = clients_.emplace_back();
        made.socket = file_descriptor(::fcntl(socket, F_DUPFD_CLOEXEC, 0));
        made.thread = std::thread([this, socket] { serve(socket); });
    }
}

void scripted_server::serve(int socket) {
    const std::unique_ptr<ssh_bind_struct, free_bind> bind(ssh_bind_new());
    const bool no = false;
    ssh_bind_options_set(bind.get(), SSH_BIND_OPTIONS_PROCESS_CONFIG, &no);
    ssh_bind_options_set(bind.get(), SSH_BIND_OPTIONS_HOSTKEY, (keys().folder / "host").c_str());
    const ssh_pointer session(ssh_new());
    if (ssh_bind_accept_fd(bind.get(), session.get(), socket) != SSH_OK ||
        ssh_handle_key_exchange(session.get()) != SSH_OK) {
        return;
    }
    ssh_channel channel = open_channel(how_, session.get());
    answers answering(how_, store_);
    while (channel != nullptr) {
        std::string length(4, '\0');
        if (!read_exactly(channel, length)) break;
        std::string packet(size_of(length), '\0');
        if (!read_exactly(channel, packet)) break;
        const std::optional<std::string> answer = answering.to(packet);
        if (!answer) break;
        const auto size = static_cast<std::uint32_t>(answer->size());
        for (const unsigned shift : {24u, 16u, 8u, 0u})
            length[(24u - shift) / 8] = static_cast<char>(size >> shift & 0xFF);
        const std::string bytes = length + *answer;
        if (ssh_channel_write(channel, bytes.data(), static_cast<std::uint32_t>(bytes.size())) <
            0) {
            break;
        }
    }
}

void scripted_server::write(const std::string& path, const std::string& bytes) {
    const std::lock_guard lock(store_.mutex);
    store_.files[path] = bytes;
}
std::string scripted_server::read(const std::string& path) {
    const std::lock_guard lock(store_.mutex);
    return store_.files[path];
}
std::string scripted_server::names() {
    const std::lock_guard lock(store_.mutex);
    std::string all;
    for (const auto& [path, bytes] : store_.files)
        all += (all.empty() ? "" : " ") + path;
    return all;
}

}  // namespace sluice::sftp::testing
