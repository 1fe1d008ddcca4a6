#include "net/client_connection.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <utility>

namespace sluice::net {

using base::make_error;
using boost::system::error_code;

namespace {

constexpr std::size_t read_size = 16u << 10;
constexpr std::size_t stream_size = 128u << 10;  // the most of a body that is in memory

}  // namespace

client_connection::client_connection(io_loop& loop, std::unique_ptr<transport> stream,
                                     std::string peer)
    : loop_(loop), stream_(std::move(stream)), peer_(std::move(peer)) {}

void client_connection::open(std::vector<ip_address> addresses, std::uint16_t port,
                             std::int64_t connect_ms, opened_function done) {
    addresses_ = std::move(addresses);
    port_ = port;
    connect_ms_ = connect_ms;
    opened_ = std::move(done);
    try_next_address();
}

void client_connection::try_next_address() {
    phase_ = phase::connecting;
    connect_timed_out_ = false;
    const auto address = addresses_[tried_++];
    connect_timer_ = loop_.run_after(connect_ms_, [weak = weak_from_this()] {
        const auto self = weak.lock();
        if (!self || self->phase_ == phase::closed) return;
        // The operation under way then fails, and on_open goes on from there.
        self->connect_timed_out_ = true;
        self->stream_->close();
    });
    stream_->connect(address, port_, shared_from_this());
}

void client_connection::on_open(error_code problem) {
    if (phase_ == phase::closed) return;
    if (connect_timed_out_ && !problem) problem = boost::asio::error::timed_out;
    if (!problem && phase_ == phase::connecting) {
        phase_ = phase::greeting;
        return stream_->handshake(shared_from_this());
    }
    loop_.cancel(connect_timer_);
    if (!problem) {
        phase_ = phase::ready;
        opened_ms_ = io_loop::steady_ms();
        return std::exchange(opened_, nullptr)({});
    }
    const bool tls = phase_ == phase::greeting;
    if (!tls && tried_ < addresses_.size()) return try_next_address();
    if (connect_timed_out_) {
        return open_failed(base::error_code::timeout,
                           "no connection within " + std::to_string(connect_ms_) + " ms");
    }
    if (!tls) return open_failed(base::error_code::unavailable, problem.message());
    const auto distrust = stream_->verification_problem();
    open_failed(base::error_code::unavailable,
                distrust.empty() ? "TLS could not be agreed: " + problem.message()
                                 : "the peer's certificate is not trusted: " + distrust);
}

void client_connection::open_failed(base::error_code code, const std::string& reason) {
    auto done = std::exchange(opened_, nullptr);
    close();
    done(make_error(code, "cannot connect to " + peer_ + ": " + reason));
}

void client_connection::rest(std::function<void()> closed) {
    phase_ = phase::resting;
    closed_ = std::move(closed);
    rested_ms_ = io_loop::steady_ms();
    read_more();
}

void client_connection::close() {
    if (phase_ == phase::closed) return;
    phase_ = phase::closed;
    loop_.cancel(connect_timer_);
    loop_.cancel(silence_timer_);
    stream_->close();
    opened_ = nullptr;
    // Source and sink go now: what they hold is not needed any more.
    plan_ = {};
    sink_ = nullptr;
    done_ = nullptr;
    closed_ = nullptr;
}

void client_connection::read_more() {
    if (reading_) return;
    reading_ = true;
    const std::size_t wanted = end_ + (sink_ ? stream_size : read_size);
    if (in_.size() < wanted) in_.resize(wanted);
    stream_->read(in_.data() + end_, in_.size() - end_, shared_from_this());
}

void client_connection::on_read(error_code problem, std::size_t bytes) {
    reading_ = false;
    if (phase_ == phase::closed) return;
    if (phase_ == phase::resting) {
        // An orderly peer says nothing between answers.
        auto closed = std::exchange(closed_, nullptr);
        close();
        return closed();
    }
    end_ += bytes;
    moved_ms_ = io_loop::steady_ms();
    if (bytes > 0) heard_ = true;
    if (problem && problem != boost::asio::error::eof) {
        return finish({make_error(base::error_code::unavailable,
                                  "the connection to " + peer_ + " broke: " + problem.message()),
                       false, !heard_, wrote_});
    }
    ended_ = problem == boost::asio::error::eof;
    consume();
}

void client_connection::on_written(error_code problem, std::size_t bytes) {
    writing_ = false;
    if (phase_ == phase::closed) return;
    written_ += bytes;
    wrote_ = wrote_ || bytes > 0;
    moved_ms_ = io_loop::steady_ms();
    // A peer that refuses a large body answers and closes: the answer, or the end, is still read.
    if (problem) return;
    write_rest();
}

}  // namespace sluice::net
