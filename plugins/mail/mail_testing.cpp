#include "mail_testing.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

namespace sluice::mail::testing {
namespace {

constexpr int patience_ms = 20'000;

void replace_all(std::string& text, const std::string& what, const std::string& by) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
}

// False: nobody listens any more.
bool send_all(int socket, std::string_view bytes) {
    while (!bytes.empty()) {
        const ssize_t count = ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) return false;
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

bool ready(int socket) {
    pollfd watched{socket, POLLIN, 0};
    return ::poll(&watched, 1, patience_ms) > 0;
}

}  // namespace

scripted_server::scripted_server(std::vector<std::vector<step>> scripts)
    : scripts_(std::move(scripts)), listening_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(::bind(listening_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::listen(listening_, 8), 0);
    ::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] {
        for (const std::vector<step>& script : scripts_)
            serve(script);
    });
}

scripted_server::~scripted_server() {
    join();
    ::close(listening_);
}

void scripted_server::join() {
    if (!thread_.joinable()) return;
    ::shutdown(listening_, SHUT_RDWR);  // ends an accept that nobody comes to
    thread_.join();
}

const std::vector<std::string>& scripted_server::lines() {
    join();
    return lines_;
}

const std::string& scripted_server::message() {
    join();
    return message_;
}

json scripted_server::connection(const std::string& type) const {
    json made{{"type", type}, {"host", "127.0.0.1"}, {"port", port_}, {"security", "none"}};
    if (type.ends_with("Oauth2")) {
        made.set("username", "ada@example.com");
        made.set("accessToken", "t0k3n");
        made.set("from", "ada@example.com");
    } else if (type == "imap") {
        made.set("username", "ada");
        made.set("password", "s3cr3t");
    } else {
        made.set("from", "Acme <noreply@acme.example>");
    }
    return made;
}

bool scripted_server::read_line(int socket, std::string& line) {
    while (true) {
        const std::size_t end = buffer_.find("\r\n");
        if (end != std::string::npos) {
            line = buffer_.substr(0, end);
            buffer_.erase(0, end + 2);
            return true;
        }
        if (!ready(socket)) return false;
        std::array<char, 4096> bytes{};
        const ssize_t count = ::recv(socket, bytes.data(), bytes.size(), 0);
        if (count <= 0) return false;
        buffer_.append(bytes.data(), static_cast<std::size_t>(count));
    }
}

void scripted_server::serve(const std::vector<step>& script) {
    if (!ready(listening_)) return;
    const int socket = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    buffer_.clear();
    std::string tag;
    for (const step& each : script) {
        if (!each.expected.empty()) {
            std::string line;
            if (!read_line(socket, line)) break;
            lines_.push_back(line);
            tag = line.substr(0, line.find(' '));
            std::string expected = each.expected;
            replace_all(expected, "TAG", tag);
            if (expected != "*" && !line.starts_with(expected)) {
                ADD_FAILURE() << "expected " << expected << ", got " << line;
                break;
            }
        }
        if (each.reads_message) {
            for (std::string line; read_line(socket, line) && line != ".";)
                message_ += line + "\r\n";
        }
        if (each.then) each.then();
        std::string answer = each.answer;
        replace_all(answer, "TAG", tag);
        bool heard = send_all(socket, answer);
        for (std::size_t i = 0; heard && i < each.pieces; ++i)
            heard = send_all(socket, each.piece);
        std::string end = each.end;
        replace_all(end, "TAG", tag);
        heard = heard && send_all(socket, end);
        if (each.hang_up || !heard) break;
    }
    if (!script.empty() && !script.back().hang_up) answer_quit(socket);
    ::close(socket);
}

// Until the client hangs up.
void scripted_server::answer_quit(int socket) {
    for (std::string line; read_line(socket, line);) {
        lines_.push_back(line);
        if (line == "QUIT") send_all(socket, "221 bye\r\n");
    }
}

std::vector<step> imap_login() {
    return {{"", "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR] hello\r\n"},
            {"TAG CAPABILITY", "* CAPABILITY IMAP4rev1 AUTH=PLAIN SASL-IR\r\nTAG OK done\r\n"},
            {"TAG AUTHENTICATE PLAIN", "TAG OK in\r\n"}};
}

std::vector<step> smtp_hello() {
    return {{"", "220 mail.test\r\n"}, {"EHLO", "250-mail.test\r\n250 SIZE 100000000\r\n"}};
}

}  // namespace sluice::mail::testing
