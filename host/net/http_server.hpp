// HTTP/1.1 server: one event loop, strict framing, limits on everything a peer controls.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "net/http_types.hpp"
#include "net/io_loop.hpp"

namespace sluice::net {

struct http_server_limits {
    std::size_t body_bytes = 1u << 20;     // beyond: 413
    std::size_t header_bytes = 16u << 10;  // request line and fields; beyond: 431
    std::size_t header_fields = 100;       // beyond: 431
    std::int64_t header_ms = 10'000;       // from the first byte (or accept, with TLS); then 408
    std::int64_t rate_bytes_per_s = 1024;  // least average speed of a body, either direction ...
    std::int64_t rate_grace_ms = 5'000;    // ... after this long; then 408 (or close)
    std::int64_t idle_ms = 60'000;         // kept-alive connection without a request; then close
    std::int64_t linger_ms = 2'000;        // reading on after a refusal, so that the peer sees it
    std::size_t connections = 2'000;       // beyond: 503 and close
    std::size_t connections_per_source = 100;  // per IPv4 address or IPv6 /64; beyond: close
    std::int64_t drain_quiet_ms = 250;  // while draining: a connection silent this long closes
};

struct http_server_options {
    std::string host = "127.0.0.1";  // an IP address, "localhost", or "*" for all of IPv4 and IPv6
    std::uint16_t port = 0;          // 0: the system picks one
    // Both or none. PEM, certificate first and then its chain; TLS 1.2 and 1.3.
    std::string tls_certificate_file;
    std::string tls_key_file;
    http_server_limits limits;
    // Replaces limits.body_bytes for one request; runs after the head handler.
    std::function<std::size_t(const http_request_head&)> body_limit;
    http_head_handler on_head;
    // Chooses, after the head handler, where the body of one request goes. Then, instead of
    // body_bytes, most_bytes is its limit, and rate_bytes_per_s holds for each stretch of
    // rate_grace_ms: a sender cannot buy a long silence with a fast start. When the sink fails, the
    // sender gets 413 (unsupported, invalid_input), 503 (unavailable) or 500.
    std::function<body_destination(const http_request_head&)> on_body;
};

struct http_server_stats {
    std::size_t connections_open = 0;
    std::uint64_t connections_accepted = 0;
    std::uint64_t requests = 0;             // given to the handler
    std::uint64_t responses = 0;            // of those, written out completely
    std::uint64_t refused_connections = 0;  // too many, in total or from one source
    std::uint64_t refused_malformed = 0;    // 400, 417, 501, 505
    std::uint64_t refused_too_large = 0;    // 413, 431
    std::uint64_t refused_slow = 0;         // 408, or closed for reading too slowly
    std::uint64_t refused_by_head_handler = 0;
};

struct server_core;  // internal

// Use on the loop's thread, or while the loop does not run. The loop must outlive it.
class http_server {
  public:
    http_server(io_loop& loop, http_server_options options, http_handler handler);
    ~http_server();  // stops accepting and closes every connection; late responders do nothing
    http_server(const http_server&) = delete;
    http_server& operator=(const http_server&) = delete;

    // Listens; the port. Errors name the address and the system's reason.
    base::result<std::uint16_t> start();

    // For an orderly end: accepts what already waits in the backlog, then stops listening; answers
    // requests that have arrived or still arrive within drain_quiet_ms with "Connection: close";
    // closes silent connections; after `deadline_ms` closes the rest. `done` runs once, later, with
    // the number of requests that were given to the handler and got no answer.
    void drain(std::int64_t deadline_ms, std::function<void(std::size_t unanswered)> done);

    http_server_stats stats() const;

  private:
    std::shared_ptr<server_core> core_;
};

}  // namespace sluice::net
