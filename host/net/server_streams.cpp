// Bodies that pass through a connection in pieces, and how slow a peer may be.
#include <utility>

#include "net/server_connection.hpp"

namespace sluice::net {

namespace {

int status_of(const base::error& why) {
    switch (why.code) {
        case base::error_code::unsupported:
        case base::error_code::invalid_input:
            return 413;
        case base::error_code::unavailable:
            return 503;
        default:
            return 500;
    }
}

}  // namespace

template <class Result>
std::function<void(Result)> server_connection::later(phase expected,
                                                     void (server_connection::*member)(Result)) {
    paused_ms_ = io_loop::steady_ms();
    return [weak = weak_from_this(), expected, member](Result result) {
        const auto self = weak.lock();
        if (!self || self->phase_ != expected) return;
        ((*self).*member)(std::move(result));
    };
}

// What the host's own disk takes does not count against the peer.
void server_connection::end_pause() {
    const auto now = io_loop::steady_ms();
    since_ms_ += now - paused_ms_;
    heard_ms_ = now;
}

// ---- A request's body, into a sink --------------------------------------------------------------

void server_connection::store(std::string bytes) {
    phase_ = phase::storing;
    sink_->write(std::move(bytes), later(phase::storing, &server_connection::on_stored));
}

void server_connection::on_stored(base::result<void> outcome) {
    end_pause();
    phase_ = phase::body;
    if (!outcome) return refuse_for_sink(outcome.error_value());
    advance();
}

void server_connection::finish_sink() {
    phase_ = phase::storing;
    sink_->finish(later(phase::storing, &server_connection::on_sink_finished));
}

void server_connection::on_sink_finished(base::result<void> outcome) {
    end_pause();
    if (outcome) return hand_over();
    refuse_for_sink(outcome.error_value());
}

void server_connection::refuse_for_sink(const base::error& why) {
    const int status = status_of(why);
    if (status == 413) ++core_.stats.refused_too_large;
    unread_body_ = reader_.current() != request_reader::state::complete;
    auto refusal = problem_response(status, "", why.message);
    if (status == 503) refusal.headers.set("Retry-After", "5");
    refuse(std::move(refusal));
}

// ---- A response's body, out of a source ---------------------------------------------------------

void server_connection::fetch() {
    fetching_ = true;
    sent_before_ += written_;
    out_.clear();
    out_body_.clear();
    written_ = 0;
    outgoing_->next(later(phase::writing, &server_connection::on_piece));
}

void server_connection::on_piece(base::result<std::string> piece) {
    fetching_ = false;
    end_pause();
    // Status and fields are out: closing is the only way left to say that something is missing.
    if (!piece) return close();
    out_body_ = *std::move(piece);
    if (!out_body_.empty()) return write_rest();
    if (outgoing_->ended()) return finish_response();
    fetch();
}

// ---- Slow peers ---------------------------------------------------------------------------------

bool server_connection::too_slow(std::int64_t now_ms, std::uint64_t bytes) const {
    const auto& limits = core_.options.limits;
    if (limits.rate_bytes_per_s <= 0) return false;
    const auto earned = static_cast<std::int64_t>(bytes) * 1000 / limits.rate_bytes_per_s;
    return now_ms - since_ms_ > limits.rate_grace_ms + earned;
}

// The average holds for a stretch of time; a stretch that was fast enough ends, and the next
// begins.
bool server_connection::streams_too_slowly(std::int64_t now_ms, std::uint64_t bytes) {
    const auto& limits = core_.options.limits;
    const std::uint64_t moved = bytes - stretch_start_;
    if (too_slow(now_ms, moved)) return true;
    const auto age = now_ms - since_ms_;
    const bool fast = static_cast<std::int64_t>(moved) * 1000 >= age * limits.rate_bytes_per_s;
    if (age > limits.rate_grace_ms && fast) {
        since_ms_ = now_ms;
        stretch_start_ = bytes;
    }
    return false;
}

void server_connection::check_body_rate(std::int64_t now_ms) {
    const auto bytes = reader_.body_bytes();
    const bool slow = sink_ ? streams_too_slowly(now_ms, bytes) : too_slow(now_ms, bytes);
    if (slow) refuse_slow();
}

void server_connection::check_writing_rate(std::int64_t now_ms) {
    if (fetching_) return;
    const bool slow = outgoing_ ? streams_too_slowly(now_ms, sent_before_ + written_)
                                : too_slow(now_ms, written_);
    if (!slow) return;
    ++core_.stats.refused_slow;
    close();
}

}  // namespace sluice::net
