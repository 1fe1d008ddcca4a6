#include "net/client_connection.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <utility>

namespace sluice::net {

using base::make_error;
using boost::system::error_code;

namespace {

constexpr std::size_t read_size = 16u << 10;

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

void client_connection::exchange(std::string wire, const response_reader::limits& limits,
                                 bool to_head, outcome_function done) {
    phase_ = phase::exchanging;
    closed_ = nullptr;
    reader_ = std::make_unique<response_reader>(limits, to_head);
    wire_ = std::move(wire);
    written_ = 0;
    heard_ = false;
    done_ = std::move(done);
    read_more();
    write_rest();
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
    stream_->close();
    opened_ = nullptr;
    done_ = nullptr;
    closed_ = nullptr;
}

void client_connection::read_more() {
    if (reading_) return;
    reading_ = true;
    if (in_.size() < end_ + read_size) in_.resize(end_ + read_size);
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
    if (bytes > 0) heard_ = true;
    if (problem && problem != boost::asio::error::eof) {
        return finish({make_error(base::error_code::unavailable,
                                  "the connection to " + peer_ + " broke: " + problem.message()),
                       false, !heard_, written_ > 0});
    }
    check_answer(problem == boost::asio::error::eof);
}

void client_connection::check_answer(bool ended) {
    const auto used = reader_->feed({in_.data(), end_});
    std::copy(in_.begin() + static_cast<std::ptrdiff_t>(used),
              in_.begin() + static_cast<std::ptrdiff_t>(end_), in_.begin());
    end_ -= used;
    if (ended) reader_->feed_end();
    switch (reader_->current()) {
        case response_reader::state::reading:
            return read_more();
        case response_reader::state::failed: {
            auto failure = reader_->failure();
            failure.message = "the request to " + peer_ + " failed: " + failure.message;
            return finish({std::move(failure), false, ended && !heard_, written_ > 0});
        }
        case response_reader::state::complete:
            break;
    }
    const bool clean = !ended && end_ == 0 && !writing_ && written_ == wire_.size();
    const bool reusable = clean && reader_->keep_alive();
    finish({std::move(reader_->response()), reusable, false, true});
}

void client_connection::write_rest() {
    if (written_ == wire_.size() || phase_ != phase::exchanging) return;
    writing_ = true;
    const auto rest = std::string_view(wire_).substr(written_);
    stream_->write(rest, {}, shared_from_this());
}

void client_connection::on_written(error_code problem, std::size_t bytes) {
    writing_ = false;
    if (phase_ == phase::closed) return;
    written_ += bytes;
    // A peer that refuses a large body answers and closes: the answer, or the end, is still read.
    if (problem) return;
    write_rest();
}

void client_connection::finish(outcome result) {
    auto done = std::exchange(done_, nullptr);
    reader_.reset();
    if (result.reusable) {
        phase_ = phase::ready;
        if (wire_.capacity() > read_size) wire_ = {};
        if (in_.size() > 4 * read_size) in_ = {};
    } else {
        close();
    }
    done(std::move(result));
}

}  // namespace sluice::net
