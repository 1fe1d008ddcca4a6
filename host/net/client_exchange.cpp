// How a connection carries one request and its answer, in pieces where they stream.
#include <algorithm>
#include <utility>

#include "net/client_connection.hpp"

namespace sluice::net {

using base::make_error;

namespace {

constexpr std::size_t kept_buffer = 64u << 10;  // larger ones are not kept between exchanges

}  // namespace

void client_connection::exchange(exchange_plan plan, outcome_function done) {
    phase_ = phase::exchanging;
    ++exchanges_;
    closed_ = nullptr;
    plan_ = std::move(plan);
    reader_ = std::make_unique<response_reader>(plan_.limits, plan_.to_head);
    wire_ = std::move(plan_.wire);
    written_ = 0;
    wrote_ = heard_ = ended_ = fetching_ = storing_ = false;
    sink_ = nullptr;
    done_ = std::move(done);
    moved_ms_ = io_loop::steady_ms();
    if (plan_.stall_ms > 0) watch_silence();
    read_more();
    write_rest();
}

template <class Result>
std::function<void(Result)> client_connection::later(void (client_connection::*member)(Result)) {
    return [weak = weak_from_this(), member, number = exchanges_](Result result) {
        const auto self = weak.lock();
        if (!self || self->phase_ != phase::exchanging || self->exchanges_ != number) return;
        self->moved_ms_ = io_loop::steady_ms();
        ((*self).*member)(std::move(result));
    };
}

// ---- The request --------------------------------------------------------------------------------

void client_connection::write_rest() {
    if (phase_ != phase::exchanging) return;
    if (written_ < wire_.size()) {
        writing_ = true;
        return stream_->write(std::string_view(wire_).substr(written_), {}, shared_from_this());
    }
    if (!plan_.body || plan_.body->ended() || fetching_) return;
    fetching_ = true;
    plan_.body->next(later(&client_connection::on_piece));
}

void client_connection::on_piece(base::result<std::string> piece) {
    fetching_ = false;
    if (!piece) return fail(std::move(piece).error_value());
    wire_ = *std::move(piece);
    written_ = 0;
    write_rest();
}

// ---- The answer ---------------------------------------------------------------------------------

void client_connection::take_head() {
    if (plan_.choose_sink) sink_ = plan_.choose_sink(reader_->response());
    reader_->continue_with_body(sink_ ? plan_.streamed_bytes : plan_.whole_bytes);
}

void client_connection::consume() {
    using state = response_reader::state;
    auto used = reader_->feed({in_.data(), end_});
    if (reader_->current() == state::has_head) {
        take_head();
        used += reader_->feed({in_.data() + used, end_ - used});
    }
    std::copy(in_.begin() + static_cast<std::ptrdiff_t>(used),
              in_.begin() + static_cast<std::ptrdiff_t>(end_), in_.begin());
    end_ -= used;
    if (sink_ && reader_->current() != state::failed) {
        auto bytes = reader_->take_body();
        if (!bytes.empty()) return store(std::move(bytes));
    }
    if (ended_) reader_->feed_end();
    switch (reader_->current()) {
        case state::reading:
        case state::has_head:
            return read_more();
        case state::failed: {
            auto failure = reader_->failure();
            failure.message = "the request to " + peer_ + " failed: " + failure.message;
            return finish({std::move(failure), false, ended_ && !heard_, wrote_});
        }
        case state::complete:
            return sink_ ? finish_sink() : answer_is_complete();
    }
}

void client_connection::store(std::string bytes) {
    storing_ = true;
    sink_->write(std::move(bytes), later(&client_connection::on_stored));
}

void client_connection::on_stored(base::result<void> stored) {
    storing_ = false;
    if (!stored) return fail(std::move(stored).error_value());
    consume();
}

void client_connection::finish_sink() {
    storing_ = true;
    sink_->finish(later(&client_connection::on_sink_finished));
}

void client_connection::on_sink_finished(base::result<void> stored) {
    storing_ = false;
    if (!stored) return fail(std::move(stored).error_value());
    answer_is_complete();
}

void client_connection::answer_is_complete() {
    const bool sent =
        !writing_ && !fetching_ && written_ == wire_.size() && (!plan_.body || plan_.body->ended());
    const bool reusable = sent && !ended_ && end_ == 0 && reader_->keep_alive();
    finish({std::move(reader_->response()), reusable, false, true});
}

// ---- The end ------------------------------------------------------------------------------------

void client_connection::fail(base::error why) { finish({std::move(why), false, false, wrote_}); }

void client_connection::watch_silence() {
    silence_timer_ =
        loop_.run_after(plan_.stall_ms, [weak = weak_from_this(), number = exchanges_] {
            const auto self = weak.lock();
            if (!self || self->phase_ != phase::exchanging || self->exchanges_ != number) return;
            const bool ours = self->storing_ || (self->fetching_ && !self->writing_);
            if (!ours && io_loop::steady_ms() - self->moved_ms_ >= self->plan_.stall_ms) {
                return self->fail(make_error(base::error_code::timeout,
                                             self->peer_ + " was silent for " +
                                                 std::to_string(self->plan_.stall_ms) + " ms"));
            }
            self->watch_silence();
        });
}

void client_connection::finish(outcome result) {
    auto done = std::exchange(done_, nullptr);
    reader_.reset();
    loop_.cancel(silence_timer_);
    if (result.reusable) {
        phase_ = phase::ready;
        plan_ = {};
        sink_ = nullptr;
        if (wire_.capacity() > kept_buffer) wire_ = {};
        if (in_.size() > kept_buffer) in_ = {};
    } else {
        close();
    }
    done(std::move(result));
}

}  // namespace sluice::net
