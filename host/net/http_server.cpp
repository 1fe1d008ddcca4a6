#include "net/http_server.hpp"

#include <algorithm>
#include <boost/asio/ip/v6_only.hpp>
#include <utility>

#include "base/log.hpp"
#include "net/io_loop_impl.hpp"
#include "net/response_text.hpp"
#include "net/server_connection.hpp"
#include "net/server_core.hpp"

namespace sluice::net {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr std::int64_t accept_retry_ms = 100;
constexpr std::int64_t drain_tick_ms = 20;

constexpr std::string_view overloaded =
    "HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nRetry-After: 1\r\n"
    "Content-Length: 0\r\n\r\n";
constexpr std::string_view too_many_from_here =
    "HTTP/1.1 429 Too Many Requests\r\nConnection: close\r\nRetry-After: 1\r\n"
    "Content-Length: 0\r\n\r\n";

base::result<tcp::endpoint> endpoint_of(const http_server_options& options) {
    if (options.host == "*") return tcp::endpoint(asio::ip::address_v6::any(), options.port);
    error_code problem;
    const auto host = options.host == "localhost" ? std::string("127.0.0.1") : options.host;
    const auto address = asio::ip::make_address(host, problem);
    if (problem) {
        return base::make_error(base::error_code::invalid_input,
                                "cannot listen on '" + options.host + "': not an IP address",
                                "use an address of this machine, localhost, or * for all");
    }
    return tcp::endpoint(address, options.port);
}

// Often enough that the shortest of the limits is kept with little delay.
std::int64_t tick_interval(const http_server_limits& limits) {
    const auto shortest =
        std::min({limits.header_ms, limits.rate_grace_ms, limits.idle_ms, limits.linger_ms});
    return std::clamp<std::int64_t>(shortest / 4, 10, 250);
}

}  // namespace

server_core::server_core(io_loop& event_loop, http_server_options wanted,
                         http_handler request_handler)
    : loop(event_loop),
      options(std::move(wanted)),
      handler(std::move(request_handler)),
      acceptor_(event_loop.internals().context_) {}

base::result<std::uint16_t> server_core::listen() {
    if (!options.tls_certificate_file.empty() || !options.tls_key_file.empty()) {
        auto context = make_tls_server_context(options.tls_certificate_file, options.tls_key_file);
        if (!context) return std::move(context).error_value();
        tls_ = *std::move(context);
    }
    const auto wanted = endpoint_of(options);
    if (!wanted) return wanted.error_value();
    auto endpoint = *wanted;
    error_code problem;
    acceptor_.open(endpoint.protocol(), problem);
    if (problem && options.host == "*") {
        endpoint = tcp::endpoint(asio::ip::address_v4::any(), options.port);
        acceptor_.open(endpoint.protocol(), problem);
    }
    if (!problem) acceptor_.set_option(asio::socket_base::reuse_address(true), problem);
    if (!problem && options.host == "*" && endpoint.protocol() == tcp::v6()) {
        acceptor_.set_option(asio::ip::v6_only(false), problem);
    }
    if (!problem) acceptor_.bind(endpoint, problem);
    if (!problem) acceptor_.listen(asio::socket_base::max_listen_connections, problem);
    if (!problem) acceptor_.non_blocking(true, problem);
    const auto port = problem ? options.port : acceptor_.local_endpoint(problem).port();
    if (problem) {
        error_code ignored;
        acceptor_.close(ignored);
        return base::make_error(base::error_code::unavailable,
                                "cannot listen on " + options.host + " port " +
                                    std::to_string(options.port) + ": " + problem.message(),
                                "choose another port, or port 0 for a free one");
    }
    accept_next();
    return port;
}

void server_core::accept_next() {
    acceptor_.async_accept([self = shared_from_this()](error_code problem, tcp::socket socket) {
        if (self->shut_) return;
        // Also while draining: this one had been accepted before the listener closed.
        if (!problem) self->welcome(std::move(socket));
        if (!self->acceptor_.is_open()) return;
        if (!problem) {
            self->accept_waiting();
            return self->accept_next();
        }
        // Out of descriptors or memory: trying again at once would spin.
        base::log(base::log_level::error, "a connection could not be accepted",
                  {{"reason", problem.message()}});
        self->loop.run_after(accept_retry_ms, [weak = self->weak_from_this()] {
            const auto later = weak.lock();
            if (later && later->acceptor_.is_open()) later->accept_next();
        });
    });
}

void server_core::accept_waiting() {
    constexpr int one_turn = 64;  // then requests get theirs
    for (int i = 0; draining || i < one_turn; ++i) {
        error_code problem;
        auto socket = acceptor_.accept(problem);
        if (problem) return;
        welcome(std::move(socket));
    }
}

ip_address server_core::source_key(const ip_address& address) {
    if (!address.is_v6()) return address;
    // One customer of an IPv6 provider holds a /64.
    std::array<std::uint8_t, 16> network{};
    std::copy_n(address.bytes().begin(), 8, network.begin());
    return ip_address(std::span<const std::uint8_t, 16>(network));
}

void server_core::welcome(tcp_socket socket) {
    error_code problem;
    const auto remote = socket.remote_endpoint(problem);
    if (problem) return;  // gone already
    ++stats.connections_accepted;
    socket.set_option(tcp::no_delay(true), problem);
    if (connections_.size() >= options.limits.connections) {
        return refuse(std::move(socket), overloaded);
    }
    const auto address = to_ip_address(remote.address());
    auto& from_source = per_source_[source_key(address)];
    if (from_source >= options.limits.connections_per_source) {
        return refuse(std::move(socket), too_many_from_here);
    }
    ++from_source;
    auto stream = tls_ ? make_tls_server_transport(std::move(socket), *tls_)
                       : make_plain_transport(std::move(socket));
    auto connection = std::make_shared<server_connection>(
        *this, std::move(stream), peer_address{address.to_text(), remote.port()},
        source_key(address));
    connection->place = connections_.insert(connections_.end(), connection);
    stats.connections_open = connections_.size();
    connection->start();
    schedule_tick();
}

// A courtesy: whether it arrives does not matter.
void server_core::refuse(tcp_socket socket, std::string_view answer) {
    ++stats.refused_connections;
    error_code ignored;
    socket.non_blocking(true, ignored);
    if (!tls_) socket.send(asio::buffer(answer), 0, ignored);
    socket.shutdown(tcp::socket::shutdown_send, ignored);
}

void server_core::forget(server_connection& gone) {
    const auto found = per_source_.find(gone.source());
    if (found != per_source_.end() && --found->second == 0) per_source_.erase(found);
    connections_.erase(gone.place);
    stats.connections_open = connections_.size();
    finish_drain_when_empty();
}

std::string_view server_core::date() {
    const auto now = io_loop::steady_ms();
    if (date_.empty() || now - date_made_ms_ >= 1000) {
        const auto wall = clock_.unix_ms();
        date_ = http_date(wall);
        date_made_ms_ = now - wall % 1000;
    }
    return date_;
}

void server_core::schedule_tick() {
    if (ticking_ || connections_.empty()) return;
    ticking_ = true;
    const auto delay = draining ? drain_tick_ms : tick_interval(options.limits);
    loop.run_after(delay, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->tick();
    });
}

void server_core::tick() {
    ticking_ = false;
    const auto now = io_loop::steady_ms();
    for (auto next = connections_.begin(); next != connections_.end();) {
        const auto connection = *next++;  // may leave the list and this function last
        connection->tick(now);
    }
    schedule_tick();
}

void server_core::drain(std::int64_t deadline_ms, std::function<void(std::size_t)> done) {
    const bool first = !draining;
    draining = true;
    auto earlier = std::move(drained_);
    drained_ = [earlier = std::move(earlier), done = std::move(done)](std::size_t unanswered) {
        if (earlier) earlier(unanswered);
        done(unanswered);
    };
    if (first && acceptor_.is_open()) {
        accept_waiting();
        error_code ignored;
        acceptor_.close(ignored);
    }
    loop.run_after(deadline_ms, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->close_everything();
    });
    // The slow tick may be up to 250 ms away.
    loop.run_after(drain_tick_ms, [weak = weak_from_this()] {
        if (const auto self = weak.lock()) self->tick();
    });
    finish_drain_when_empty();
}

void server_core::finish_drain_when_empty() {
    if (!connections_.empty() || !drained_) return;
    loop.post(
        [done = std::exchange(drained_, nullptr), unanswered = unanswered_] { done(unanswered); });
}

void server_core::close_everything() {
    shut_ = true;
    error_code ignored;
    acceptor_.close(ignored);
    while (!connections_.empty()) {
        const auto connection = connections_.front();
        if (connection->owes_answer()) ++unanswered_;
        connection->close();
    }
}

http_server::http_server(io_loop& loop, http_server_options options, http_handler handler)
    : core_(std::make_shared<server_core>(loop, std::move(options), std::move(handler))) {}

http_server::~http_server() { core_->close_everything(); }

base::result<std::uint16_t> http_server::start() { return core_->listen(); }

void http_server::drain(std::int64_t deadline_ms, std::function<void(std::size_t)> done) {
    core_->drain(deadline_ms, std::move(done));
}

http_server_stats http_server::stats() const { return core_->stats; }

}  // namespace sluice::net
