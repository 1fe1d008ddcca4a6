// HTTP/1.1 client for requests to third parties: pooled connections, verified TLS, egress guard,
// deadlines and limits on everything a peer controls.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "net/body_stream.hpp"
#include "net/egress_guard.hpp"
#include "net/http_headers.hpp"
#include "net/io_loop.hpp"

namespace sluice::net {

struct client_response {
    int status = 0;
    net::headers headers;
    std::string body;  // chunk framing removed, nothing decompressed; empty when it went to a sink
    std::string url;   // that answered: differs from the request's after a redirect
};

struct client_request {
    std::string method = "GET";
    std::string url;  // absolute, http or https
    // Host, Content-Length and the fields that steer the connection (Connection, Keep-Alive,
    // Transfer-Encoding, TE, Trailer, Upgrade, Expect, Proxy-*) are the client's: values given here
    // are dropped.
    net::headers headers;
    std::string body;
    // Instead of `body`. With a length as Content-Length, otherwise in chunks. It is read again
    // after a retry or a redirect that keeps the body; when it cannot, the request fails there.
    std::shared_ptr<body_source> source;
    // For everything since its turn came: names, connection, redirects, both bodies. 0: no limit
    // (set stall_ms then). Requests in line for a place wait until those before them are over.
    std::int64_t timeout_ms = 30'000;
    // The peer may be silent, taking and giving nothing, for at most so long once connected; time
    // that source and sink take does not count. 0: no limit.
    std::int64_t stall_ms = 0;
    bool follow_redirects = false;  // at most 5; see http_client
    std::size_t max_response_bytes = 16u << 20;
    // Chooses where the answer's body goes, once, when its head has come: into the sink, or, when
    // null, into client_response::body. Not asked about a redirect that is followed. Also called
    // when there is no body. Loop's thread.
    std::function<std::shared_ptr<body_sink>(const client_response& head)> choose_sink;
    std::uint64_t max_streamed_bytes = 4ull << 30;  // instead of max_response_bytes, into a sink
};

struct http_client_options {
    std::string ca_file;  // PEM; empty: the system's certificates
    std::string user_agent = "sluice";
    std::int64_t connect_ms = 10'000;   // one address, TLS included
    std::int64_t idle_ms = 20'000;      // kept for reuse this long without a request
    std::int64_t max_age_ms = 300'000;  // then a connection is not reused, so that DNS changes show
    std::size_t idle_per_host = 256;    // kept for reuse per scheme, host and port
    std::size_t connections_per_host = 256;  // in use at once; further requests wait in line
    std::size_t response_header_bytes = 64u << 10;
    std::size_t response_header_fields = 200;
};

struct http_client_stats {
    std::uint64_t requests = 0;
    std::uint64_t connections_opened = 0;
    std::uint64_t connections_reused = 0;
    std::uint64_t retries = 0;  // on a fresh connection after a kept one had gone stale
    std::size_t idle = 0;
};

struct client_core;  // internal

// Errors: invalid_input (URL, header or method not valid; address forbidden), unavailable (name
// unknown, refused, reset, TLS not trusted, answer not HTTP), timeout, cancelled, unsupported
// (answer larger than allowed; too many redirects), and whatever source or sink fail with. Messages
// name host and port, never query strings or header values. Any status that arrives is a response,
// not an error.
//
// A request is repeated once, silently, when a kept connection turns out to be closed before any
// byte of the response came, and the method is idempotent or nothing had been written.
//
// Redirects: 303, and 301/302 of a POST, become GET without body. Each target passes the egress
// guard; a step from https to http is refused; when scheme, host or port change, only Accept*,
// Content-* and User-Agent fields go along.
class http_client {
  public:
    using operation = std::uint64_t;  // never 0
    using done_function = std::function<void(base::result<client_response>)>;

    // Loop and guard must outlive it. A ca_file that cannot be read makes every https request fail
    // with a message naming it.
    http_client(io_loop& loop, const egress_guard& guard, http_client_options options = {});
    // Loop's thread, or while the loop does not run. Requests under way end without their callback.
    ~http_client();
    http_client(const http_client&) = delete;
    http_client& operator=(const http_client&) = delete;

    // `done` runs exactly once on the loop's thread, never inline. Any thread.
    operation send(client_request request, done_function done);
    // Gives up: `done` runs with `cancelled`, unless the outcome was already on its way. The
    // connection is closed. Unknown and finished operations are ignored. Any thread.
    void cancel(operation which);

    http_client_stats stats() const;  // loop's thread

  private:
    std::shared_ptr<client_core> core_;
};

}  // namespace sluice::net
