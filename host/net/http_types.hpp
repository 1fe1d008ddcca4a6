// Requests and responses of the HTTP server, and ready-made answers.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "net/http_headers.hpp"

namespace sluice::net {

struct peer_address {
    std::string ip;  // "192.0.2.1", "2001:db8::1"; no brackets, no scope
    std::uint16_t port = 0;
};

// Everything before the body.
struct http_request_head {
    std::string method;  // upper case as sent; one of GET HEAD POST PUT PATCH DELETE OPTIONS
    std::string target;  // as sent: "/hooks/abc?x=1"
    std::string path;    // the part before "?", still percent-encoded, begins with "/" (or is "*")
    std::string query;   // after "?", still percent-encoded (url.hpp: parse_query)
    net::headers headers;
    peer_address peer;
    std::optional<std::uint64_t> content_length;  // nullopt: no body, or chunked
};

struct http_request : http_request_head {
    std::string body;  // as it stood on the wire, chunk framing removed, nothing decompressed
};

// Content-Length, Connection, Date and Transfer-Encoding are the server's: values given here are
// dropped. A body given with 204 or 304, or in reply to HEAD, is not sent.
struct http_response {
    int status = 200;
    net::headers headers;
    std::string body;
};

// "Not Found" for 404; "" for unknown numbers.
std::string_view reason_phrase(int status);

// application/json; `json_text` must be valid JSON.
http_response json_response(int status, std::string json_text);
// text/plain; charset=utf-8
http_response text_response(int status, std::string text);
// RFC 7807, application/problem+json: {"type":"about:blank","title":..,"status":..,"detail":..}.
// An empty title becomes the reason phrase, an empty detail is left out.
http_response problem_response(int status, std::string_view title, std::string_view detail = {});

// Receives the answer to one request. See responder.
class response_sink {
  public:
    virtual ~response_sink() = default;
    // At most once, from whatever thread called the responder.
    virtual void deliver(http_response response) = 0;
};

// The duty to answer one request: call it exactly once, from any thread. Copies share the duty. A
// second call changes nothing and is reported as a bug; when the last copy goes without a call, or
// the status is none of a final answer (200 to 599; also a bug), the answer is 500.
class responder {
  public:
    explicit responder(std::shared_ptr<response_sink> sink);
    // For tests of handlers: no server needed.
    explicit responder(std::function<void(http_response)> deliver);

    void operator()(http_response response) const;

  private:
    struct duty;
    std::shared_ptr<duty> duty_;
};

// Runs on the loop's thread when the whole request is there.
using http_handler = std::function<void(http_request, responder)>;

// Runs on the loop's thread before the body is read. A response refuses the request: it is sent at
// once, the body is never read, and the connection closes if there was one.
using http_head_handler = std::function<std::optional<http_response>(const http_request_head&)>;

}  // namespace sluice::net
