#include "net/client_core.hpp"

#include <algorithm>
#include <utility>

#include "net/io_loop_impl.hpp"

namespace sluice::net {

using base::error_code;
using base::make_error;

namespace {

constexpr unsigned most_redirects = 5;

bool is_followed(const client_request& request, const client_response& response) {
    return request.follow_redirects && is_redirect(response.status) &&
           response.headers.has("Location");
}

bool can_send_again(const client_request& request) {
    return !request.source || request.source->rewind();
}

}  // namespace

http_client::operation client_core::send(client_request request, http_client::done_function done) {
    auto op = std::make_shared<operation>();
    op->id = ++last_id_;
    op->request = std::move(request);
    op->done = std::move(done);
    loop_.post([weak = weak_from_this(), op] {
        if (const auto self = weak.lock()) self->start(op);
    });
    return op->id;
}

void client_core::cancel(http_client::operation which) {
    // Through the queue even on the loop's thread: a cancel must not overtake its send.
    loop_.post([weak = weak_from_this(), which] {
        if (const auto self = weak.lock()) {
            self->abandon(which, make_error(error_code::cancelled, "the request was cancelled"));
        }
    });
}

void client_core::shut() {
    for (auto& [id, op] : running_) {
        loop_.cancel(op->deadline);
        if (op->connection) op->connection->close();
    }
    running_.clear();
    places_.clear();
    for (auto& [origin, connections] : resting_) {
        for (auto& connection : connections)
            connection->close();
    }
    resting_.clear();
}

http_client_stats client_core::stats() const {
    auto snapshot = stats_;
    for (const auto& [origin, connections] : resting_)
        snapshot.idle += connections.size();
    return snapshot;
}

void client_core::start(const operation_pointer& op) {
    ++stats_.requests;
    running_.emplace(op->id, op);
    auto valid = check_request(op->request);
    if (!valid) return finish(op, std::move(valid).error_value());
    auto target = parse_url(op->request.url);
    if (!target) return finish(op, std::move(target).error_value());
    op->target = *std::move(target);
    attempt(op, true);
}

// From when the request has its turn: while others hold all connections to the host, it is not the
// host that is slow to answer this one.
void client_core::start_clock(const operation_pointer& op) {
    if (op->request.timeout_ms == 0 || op->deadline != 0) return;
    op->deadline = loop_.run_after(op->request.timeout_ms, [weak = weak_from_this(), id = op->id,
                                                            ms = op->request.timeout_ms] {
        if (const auto self = weak.lock()) {
            self->abandon(id, make_error(error_code::timeout, "no complete answer within " +
                                                                  std::to_string(ms) + " ms"));
        }
    });
}

bool client_core::take_place(const operation_pointer& op) {
    const std::string origin = op->target.origin();
    if (op->place == origin) return true;
    give_place_back(*op);
    const auto go_on = [this, op, origin] {
        if (!is_running(*op)) return false;
        op->place = origin;
        loop_.post([weak = weak_from_this(), op] {
            const auto self = weak.lock();
            if (self && self->is_running(*op)) self->attempt(op, true);
        });
        return true;
    };
    if (!places_.take(origin, go_on)) return false;
    op->place = origin;
    return true;
}

void client_core::give_place_back(operation& op) {
    if (!op.place.empty()) places_.give_back(std::exchange(op.place, {}));
}

void client_core::attempt(const operation_pointer& op, bool allow_reuse) {
    if (!take_place(op)) return;
    start_clock(op);
    const auto origin = op->target.origin();
    if (allow_reuse) {
        if (auto resting = take_resting(origin)) {
            ++stats_.connections_reused;
            op->connection = std::move(resting);
            op->reused = true;
            return exchange(op);
        }
    }
    op->reused = false;
    guard_.lookup(op->target.host, op->target.port,
                  [weak = weak_from_this(), op](base::result<std::vector<ip_address>> found) {
                      const auto self = weak.lock();
                      if (!self || !self->is_running(*op)) return;
                      if (!found) return self->finish(op, std::move(found).error_value());
                      self->connect(op, *std::move(found));
                  });
}

void client_core::connect(const operation_pointer& op, std::vector<ip_address> addresses) {
    auto stream = make_stream(op->target);
    if (!stream) return finish(op, std::move(stream).error_value());
    ++stats_.connections_opened;
    op->connection =
        std::make_shared<client_connection>(loop_, *std::move(stream), op->target.origin());
    op->connection->open(std::move(addresses), op->target.port, options_.connect_ms,
                         [weak = weak_from_this(), op](base::result<void> opened) {
                             const auto self = weak.lock();
                             if (!self || !self->is_running(*op)) return;
                             if (!opened) return self->finish(op, std::move(opened).error_value());
                             self->exchange(op);
                         });
}

base::result<std::unique_ptr<transport>> client_core::make_stream(const url& target) {
    tcp_socket socket(loop_.internals().context_);
    if (!target.is_tls()) return make_plain_transport(std::move(socket));
    if (!tls_) {
        auto context = make_tls_client_context(options_.ca_file);
        if (!context) return std::move(context).error_value();
        tls_ = *std::move(context);
    }
    auto stream = make_tls_client_transport(std::move(socket), *tls_, target.host);
    if (!stream) {
        return make_error(error_code::invalid_input,
                          "the host name " + target.host + " cannot be used with TLS");
    }
    return stream;
}

void client_core::exchange(const operation_pointer& op) {
    op->connection->exchange(plan_of(op),
                             [weak = weak_from_this(), op](client_connection::outcome outcome) {
                                 const auto self = weak.lock();
                                 if (!self || !self->is_running(*op)) return;
                                 self->exchanged(op, std::move(outcome));
                             });
}

client_connection::exchange_plan client_core::plan_of(const operation_pointer& op) const {
    const client_request& request = op->request;
    client_connection::exchange_plan plan;
    plan.wire = request_text(request, op->target, options_.user_agent);
    if (request.source) {
        const bool chunked = !request.source->length().has_value();
        plan.body = std::make_shared<outgoing_body>(request.source, chunked);
    }
    plan.limits = {options_.response_header_bytes, options_.response_header_fields};
    plan.to_head = request.method == "HEAD";
    plan.whole_bytes = request.max_response_bytes;
    plan.streamed_bytes = request.max_streamed_bytes;
    plan.stall_ms = request.stall_ms;
    if (request.choose_sink) {
        plan.choose_sink = [op](const client_response& head) -> std::shared_ptr<body_sink> {
            if (is_followed(op->request, head)) return nullptr;
            return op->request.choose_sink(head);
        };
    }
    return plan;
}

void client_core::exchanged(const operation_pointer& op, client_connection::outcome outcome) {
    const auto connection = std::exchange(op->connection, nullptr);
    if (outcome.stale && op->reused && op->may_retry &&
        (is_idempotent(op->request.method) || !outcome.wrote) && can_send_again(op->request)) {
        ++stats_.retries;
        op->may_retry = false;
        return attempt(op, false);
    }
    if (outcome.reusable) put_to_rest(op->target.origin(), connection);
    if (outcome.answer && follow(op, *outcome.answer)) return;
    if (outcome.answer) {
        const auto& target = op->target;
        outcome.answer->url = target.scheme + "://" + target.authority() + target.target();
    }
    finish(op, std::move(outcome.answer));
}

bool client_core::follow(const operation_pointer& op, const client_response& response) {
    if (!is_followed(op->request, response)) return false;
    const auto from = op->target.origin();
    auto target = resolve_url(op->target, *response.headers.find("Location"));
    if (!target) {
        auto problem = std::move(target).error_value();
        problem.message = from + " redirects to a place that is refused: " + problem.message;
        finish(op, std::move(problem));
    } else if (++op->redirects > most_redirects) {
        finish(op, make_error(error_code::unsupported, from + " redirects more than 5 times"));
    } else if (op->target.is_tls() && !target->is_tls()) {
        finish(op, make_error(error_code::unsupported,
                              from + " redirects from https to http, which is refused"));
    } else {
        redirect_request(op->request, response.status, op->target, *target);
        if (!can_send_again(op->request)) {
            finish(op, make_error(error_code::unsupported,
                                  from + " redirects a body that cannot be sent again"));
            return true;
        }
        op->target = *std::move(target);
        op->may_retry = true;
        attempt(op, true);
    }
    return true;
}

// Only ever called from the loop's queue, so that `done` is never inline.
void client_core::finish(const operation_pointer& op, base::result<client_response> answer) {
    loop_.cancel(op->deadline);
    running_.erase(op->id);
    if (const auto connection = std::exchange(op->connection, nullptr)) connection->close();
    give_place_back(*op);
    const auto done = std::exchange(op->done, nullptr);
    done(std::move(answer));
}

void client_core::abandon(http_client::operation which, base::error reason) {
    const auto found = running_.find(which);
    if (found == running_.end()) return;
    const auto op = found->second;
    if (!op->target.host.empty()) reason.message += " (" + op->target.origin() + ")";
    finish(op, std::move(reason));
}

client_core::connection_pointer client_core::take_resting(const std::string& origin) {
    const auto found = resting_.find(origin);
    if (found == resting_.end()) return nullptr;
    const auto now = io_loop::steady_ms();
    auto& connections = found->second;
    connection_pointer taken;
    while (!taken && !connections.empty()) {
        auto latest = std::move(connections.back());
        connections.pop_back();
        const bool usable = now - latest->opened_ms() < options_.max_age_ms && latest->looks_open();
        if (usable) {
            taken = std::move(latest);
        } else {
            latest->close();
        }
    }
    if (connections.empty()) resting_.erase(found);
    return taken;
}

void client_core::put_to_rest(const std::string& origin, const connection_pointer& connection) {
    if (options_.idle_per_host == 0) return connection->close();
    auto& connections = resting_[origin];
    if (connections.size() >= options_.idle_per_host) {
        connections.front()->close();  // the one that rested longest
        connections.erase(connections.begin());
    }
    connections.push_back(connection);
    connection->rest([weak = weak_from_this(), origin, raw = connection.get()] {
        if (const auto self = weak.lock()) self->drop_resting(origin, raw);
    });
    schedule_sweep();
}

void client_core::drop_resting(const std::string& origin, const client_connection* connection) {
    const auto found = resting_.find(origin);
    if (found == resting_.end()) return;
    std::erase_if(found->second,
                  [&](const connection_pointer& each) { return each.get() == connection; });
    if (found->second.empty()) resting_.erase(found);
}

void client_core::schedule_sweep() {
    if (sweeping_ || resting_.empty()) return;
    sweeping_ = true;
    loop_.run_after(std::max<std::int64_t>(options_.idle_ms / 2, 10), [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->sweep();
    });
}

void client_core::sweep() {
    sweeping_ = false;
    const auto now = io_loop::steady_ms();
    for (auto& [origin, connections] : resting_) {
        std::erase_if(connections, [&](const connection_pointer& each) {
            const bool old = now - each->rested_ms() >= options_.idle_ms;
            if (old) each->close();
            return old;
        });
    }
    std::erase_if(resting_, [](const auto& entry) { return entry.second.empty(); });
    schedule_sweep();
}

}  // namespace sluice::net
