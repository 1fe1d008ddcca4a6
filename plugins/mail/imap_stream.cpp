#include "imap_stream.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <utility>

namespace sluice::mail {
namespace {

constexpr std::size_t longest_line = 64 * 1024;
constexpr int look_every_ms = 100;  // at `cancelled`

}  // namespace

imap_stream::imap_stream(const account& to, const context& ctx)
    : connection_(to), silent_ms_(to.answer_seconds(usual_silence_s) * 1'000) {
    serve(ctx);
    curl_easy_setopt(connection_.handle(), CURLOPT_CONNECT_ONLY, 1L);
    connection_.expect_ok(curl_easy_perform(connection_.handle()));
}

void imap_stream::serve(const context& ctx) {
    serving_ = &ctx;
    connection_.serve(ctx);
}

void imap_stream::rest() {
    serving_ = nullptr;
    connection_.rest();
}

void imap_stream::expect_wanted() const {
    if (serving_ != nullptr && serving_->cancelled()) {
        throw failure(SLUICE_CANCELLED, "the call was cancelled");
    }
}

void imap_stream::wait(short events) {
    curl_socket_t socket = CURL_SOCKET_BAD;
    curl_easy_getinfo(connection_.handle(), CURLINFO_ACTIVESOCKET, &socket);
    if (socket == CURL_SOCKET_BAD) throw failure(SLUICE_UNAVAILABLE, "the mail server hung up");
    for (std::int64_t waited = 0; waited < silent_ms_; waited += look_every_ms) {
        expect_wanted();
        pollfd watched{socket, events, 0};
        if (::poll(&watched, 1, look_every_ms) > 0) return;
    }
    throw failure(SLUICE_TIMEOUT, "the mail server has said nothing for too long");
}

void imap_stream::send(std::string_view bytes) {
    while (!bytes.empty()) {
        std::size_t sent = 0;
        const CURLcode code =
            curl_easy_send(connection_.handle(), bytes.data(), bytes.size(), &sent);
        if (code == CURLE_AGAIN) {
            wait(POLLOUT);
            continue;
        }
        connection_.expect_ok(code);
        bytes.remove_prefix(sent);
    }
}

void imap_stream::fill() {
    if (at_ > 0) buffer_.erase(0, std::exchange(at_, 0));
    std::array<char, 16 * 1024> bytes{};
    while (true) {
        expect_wanted();  // also where a server never pauses
        std::size_t count = 0;
        const CURLcode code =
            curl_easy_recv(connection_.handle(), bytes.data(), bytes.size(), &count);
        if (code == CURLE_AGAIN) {
            wait(POLLIN);
            continue;
        }
        connection_.expect_ok(code);
        if (count == 0) throw failure(SLUICE_UNAVAILABLE, "the mail server hung up");
        buffer_.append(bytes.data(), count);
        return;
    }
}

std::string imap_stream::read_line() {
    for (std::size_t searched = at_;;) {
        const std::size_t end = buffer_.find('\n', searched);
        if (end != std::string::npos) {
            std::string line = buffer_.substr(at_, end - at_);
            at_ = end + 1;
            if (line.ends_with('\r')) line.pop_back();
            return line;
        }
        if (buffer_.size() - at_ > longest_line) {
            throw failure(SLUICE_UNAVAILABLE, "the mail server sent a line without end");
        }
        const std::size_t rest = buffer_.size() - at_;
        fill();
        searched = at_ + rest;
    }
}

void imap_stream::read_bytes(std::uint64_t count,
                             const std::function<void(std::string_view)>& piece) {
    while (count > 0) {
        if (at_ == buffer_.size()) fill();
        const std::size_t here = buffer_.size() - at_;
        const auto taken = static_cast<std::size_t>(std::min<std::uint64_t>(here, count));
        piece(std::string_view(buffer_).substr(at_, taken));
        at_ += taken;
        count -= taken;
    }
}

}  // namespace sluice::mail
