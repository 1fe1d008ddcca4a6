#include "net/server_connection.hpp"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <utility>

#include "net/response_text.hpp"

namespace sluice::net {

using boost::system::error_code;

namespace {

constexpr std::size_t first_buffer = 4u << 10;
constexpr std::size_t body_buffer = 32u << 10;
constexpr std::size_t stream_buffer = 128u << 10;  // the most of a streamed body in memory
// Up to here a body is sent in one piece with its head.
constexpr std::size_t copied_body = 16u << 10;
constexpr std::string_view continue_text = "HTTP/1.1 100 Continue\r\n\r\n";

// Brings an answer back to the connection that asked, from any thread, if it still exists.
class connection_sink final : public response_sink {
  public:
    connection_sink(io_loop& loop, std::weak_ptr<server_connection> asker, std::uint64_t number)
        : loop_(loop), asker_(std::move(asker)), number_(number) {}

    void deliver(http_response response) override {
        if (asker_.expired()) return;
        if (loop_.in_loop_thread()) {
            if (const auto asker = asker_.lock()) asker->answer(number_, std::move(response));
            return;
        }
        loop_.post([asker = asker_, number = number_, response = std::move(response)]() mutable {
            if (const auto found = asker.lock()) found->answer(number, std::move(response));
        });
    }

  private:
    io_loop& loop_;
    std::weak_ptr<server_connection> asker_;
    std::uint64_t number_;
};

}  // namespace

server_connection::server_connection(server_core& core, std::unique_ptr<transport> stream,
                                     peer_address peer, ip_address source)
    : core_(core),
      stream_(std::move(stream)),
      peer_(std::move(peer)),
      source_(source),
      reader_(core.options.limits) {}

void server_connection::start() {
    enter(phase::greeting);
    heard_ms_ = since_ms_;
    stream_->handshake(shared_from_this());
}

void server_connection::enter(phase next) {
    phase_ = next;
    since_ms_ = io_loop::steady_ms();
}

void server_connection::close() {
    if (phase_ == phase::closed) return;
    phase_ = phase::closed;
    stream_->close();
    sink_ = nullptr;
    outgoing_ = nullptr;
    core_.forget(*this);
}

void server_connection::on_open(error_code problem) {
    if (phase_ == phase::closed) return;
    if (problem) return close();
    enter(phase::idle);
    read_more();
}

void server_connection::read_more() {
    if (reading_) return;
    reading_ = true;
    if (begin_ == end_) begin_ = end_ = 0;
    const auto wanted = phase_ != phase::body ? first_buffer : sink_ ? stream_buffer : body_buffer;
    if (in_.size() < wanted) in_.resize(wanted);
    if (end_ == in_.size()) {
        if (begin_ > 0) {
            in_.erase(0, begin_);
            end_ -= begin_;
            begin_ = 0;
        }
        // A head may need more than the first buffer; the reader refuses what is beyond the limit.
        in_.resize(std::max(in_.size(), 2 * end_));
    }
    stream_->read(in_.data() + end_, in_.size() - end_, shared_from_this());
}

void server_connection::on_read(error_code problem, std::size_t bytes) {
    if (phase_ == phase::closed) return;
    reading_ = false;
    // A request that was refused for being slow: its answer is on the way out.
    if (phase_ == phase::writing) return;
    // The peer may only have stopped sending, but without a whole request there is nothing to say.
    if (problem) return close();
    heard_ms_ = io_loop::steady_ms();
    if (phase_ == phase::lingering) return read_more();
    end_ += bytes;
    advance();
}

void server_connection::advance() {
    using state = request_reader::state;
    if (phase_ == phase::idle && begin_ != end_) enter(phase::head);
    begin_ += reader_.feed(input());
    if (reader_.current() == state::has_head) {
        take_head();
        if (phase_ != phase::body) return;
        begin_ += reader_.feed(input());
    }
    if (sink_ && reader_.current() != state::failed) {
        auto bytes = reader_.take_body();
        if (!bytes.empty()) return store(std::move(bytes));
    }
    switch (reader_.current()) {
        case state::complete:
            return sink_ ? finish_sink() : hand_over();
        case state::failed: {
            const auto& failure = reader_.failure();
            const bool large = failure.status == 413 || failure.status == 431;
            ++(large ? core_.stats.refused_too_large : core_.stats.refused_malformed);
            unread_body_ = true;
            return refuse(problem_response(failure.status, "", failure.detail));
        }
        default:
            // A chunk's frame has no business being larger than a head.
            if (phase_ == phase::body && input().size() > core_.options.limits.header_bytes) {
                ++core_.stats.refused_malformed;
                unread_body_ = true;
                return refuse(problem_response(400, "", "A chunk's frame is too long."));
            }
            return read_more();
    }
}

// Leaves phase_ at body when reading goes on.
void server_connection::take_head() {
    auto& request = reader_.request();
    request.peer = peer_;
    head_only_ = request.method == "HEAD";
    unread_body_ = reader_.has_body();
    if (core_.options.on_head) {
        if (auto refusal = core_.options.on_head(request)) {
            ++core_.stats.refused_by_head_handler;
            return refuse(*std::move(refusal));
        }
    }
    std::uint64_t limit = core_.options.body_limit ? core_.options.body_limit(request)
                                                   : core_.options.limits.body_bytes;
    if (core_.options.on_body) {
        auto chosen = core_.options.on_body(request);
        sink_ = std::move(chosen.sink);
        if (sink_) limit = chosen.most_bytes;
    }
    if (request.content_length.value_or(0) > limit) {
        ++core_.stats.refused_too_large;
        return refuse(problem_response(413, "",
                                       "The request's body is larger than the " +
                                           std::to_string(limit) + " bytes allowed here."));
    }
    reader_.continue_with_body(limit);
    stretch_start_ = 0;
    // Who sends the body without waiting does not need the answer.
    if (unread_body_ && reader_.expects_continue() && begin_ == end_) {
        enter(phase::continuing);
        out_ = continue_text;
        out_body_.clear();
        written_ = 0;
        return write_rest();
    }
    enter(phase::body);
}

void server_connection::hand_over() {
    enter(phase::handling);
    unread_body_ = false;
    close_after_ = !reader_.keep_alive();
    counts_ = true;
    reader_.request().sink = std::exchange(sink_, nullptr);
    ++core_.stats.requests;
    responder respond(std::make_shared<connection_sink>(core_.loop, weak_from_this(), ++number_));
    core_.handler(std::move(reader_.request()), std::move(respond));
}

void server_connection::refuse(http_response response) {
    counts_ = false;
    sink_ = nullptr;
    close_after_ = unread_body_ || !reader_.keep_alive();
    enter(phase::handling);
    begin_writing(std::move(response));
}

void server_connection::answer(std::uint64_t number, http_response response) {
    if (phase_ != phase::handling || number != number_) return;
    begin_writing(std::move(response));
}

void server_connection::begin_writing(http_response response) {
    // While draining, what has already arrived is still answered.
    if (core_.draining && begin_ == end_) close_after_ = true;
    const bool http11 = !response.source || reader_.is_http11();
    if (!http11 && !response.source->length()) close_after_ = true;
    const response_frame frame{close_after_, head_only_, core_.date(), http11};
    out_.clear();
    append_response_head(out_, response, frame);
    out_body_.clear();
    sent_before_ = stretch_start_ = 0;
    if (response.source && sends_body(response, frame)) {
        outgoing_ = std::make_shared<outgoing_body>(std::move(response.source),
                                                    sends_chunks(response, frame));
    } else if (sends_body(response, frame)) {
        if (response.body.size() <= copied_body) {
            out_ += response.body;
        } else {
            out_body_ = std::move(response.body);
        }
    }
    written_ = 0;
    enter(phase::writing);
    write_rest();
}

void server_connection::write_rest() {
    std::string_view head = out_;
    std::string_view body = out_body_;
    head.remove_prefix(std::min(written_, head.size()));
    body.remove_prefix(written_ - std::min(written_, out_.size()));
    if (head.empty()) std::swap(head, body);
    stream_->write(head, body, shared_from_this());
}

void server_connection::on_written(error_code problem, std::size_t bytes) {
    if (phase_ == phase::closed) return;
    if (problem) return close();
    written_ += bytes;
    heard_ms_ = io_loop::steady_ms();
    if (written_ < out_.size() + out_body_.size()) return write_rest();
    if (outgoing_ && !outgoing_->ended()) return fetch();
    if (phase_ == phase::continuing) {
        enter(phase::body);
        return read_more();
    }
    finish_response();
}

void server_connection::finish_response() {
    if (counts_) ++core_.stats.responses;
    out_body_ = {};
    outgoing_ = nullptr;
    head_only_ = false;
    if (!close_after_) {
        reader_.restart();
        enter(phase::idle);
        return begin_ == end_ ? read_more() : advance();
    }
    stream_->end_writing(shared_from_this());
    // Closing with unread input makes the system reset the connection, and the peer may then never
    // see the answer.
    if (!unread_body_ && begin_ == end_ && stream_->readable() == 0) return close();
    enter(phase::lingering);
    read_more();
}

void server_connection::tick(std::int64_t now_ms) {
    const auto& limits = core_.options.limits;
    const auto age = now_ms - since_ms_;
    switch (phase_) {
        case phase::greeting:
            if (age > limits.header_ms) {
                ++core_.stats.refused_slow;
                close();
            }
            return;
        case phase::idle: {
            // Who never sent anything gets no longer than who is slow.
            const auto most =
                number_ == 0 ? std::min(limits.header_ms, limits.idle_ms) : limits.idle_ms;
            const bool quiet = core_.draining && now_ms - heard_ms_ > limits.drain_quiet_ms &&
                               stream_->readable() == 0;
            if (quiet || age > most) close();
            return;
        }
        case phase::head:
            if (age <= limits.header_ms) return;
            break;
        case phase::body:
            return check_body_rate(now_ms);
        case phase::continuing:
        case phase::writing:
            return check_writing_rate(now_ms);
        case phase::lingering:
            if (age > limits.linger_ms) close();
            return;
        case phase::storing:
        case phase::handling:
        case phase::closed:
            return;
    }
    refuse_slow();
}

void server_connection::refuse_slow() {
    ++core_.stats.refused_slow;
    unread_body_ = true;
    refuse(problem_response(408, "", "The request arrived too slowly."));
}

}  // namespace sluice::net
