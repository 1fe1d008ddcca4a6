// HTTP requests of the host's own tasks (`call: http`), with files on either side: the body sent
// may be a blob, and what comes back is text when it is text of a reasonable size, otherwise a
// blob.
//
//   plugin::blob_http_request one;
//   one.execution = id;                         // whose blobs
//   one.request.method = "PUT";                 // url, headers, timeout_ms, follow_redirects ...
//   one.body_blob = *plugin::blob_reference(with.get("body"));
//   operation = http.send(std::move(one), [](base::result<plugin::blob_http_response> answer)
//   {...});
//
// Nothing of a body that streams is in memory for longer than its piece.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "json/value.hpp"
#include "net/http_client.hpp"
#include "plugin/blob_stream.hpp"
#include "plugin/http_port.hpp"
#include "store/types.hpp"

namespace sluice::plugin {

struct blob_http_request {
    store::event_id execution = 0;
    // source, choose_sink and the limits of answers are blob_http's; a `body` is sent as it is.
    net::client_request request;
    // The id of a sealed blob of the execution, sent instead of request.body. Empty: none.
    std::string body_blob;
    // Bytes; a longer body becomes a blob. At most 16 MiB, what a JSON document may have.
    std::size_t text_limit = 16u << 20;
    // Where the body becomes a blob whatever it is.
    bool always_blob = false;
};

struct blob_http_response {
    int status = 0;
    net::headers headers;
    std::string url;   // that answered
    std::string body;  // UTF-8; empty when there is a blob
    // {"$blob": id, "size": bytes, "contentType": type} of a blob of the execution, sealed and
    // durable: a step that names it may be recorded. Null when the body is in `body`.
    json::value blob;
};

// Loop thread.
class blob_http {
  public:
    using operation = std::uint64_t;  // never 0
    using done_function = std::function<void(base::result<blob_http_response>)>;

    // Both outlive it and its requests.
    blob_http(http_port& port, blob_access access) : port_(port), access_(std::move(access)) {}

    // `done` runs once, later, on the loop, never inline. Any status is a response. Errors: those
    // of net::http_client; not_found: the execution has no such blob; conflict: it is not sealed;
    // unsupported: the answer takes more than the execution's quota; unavailable: the disk is
    // short. A failed request leaves no blob. With timeout_ms 0 only silence ends the exchange
    // (request.stall_ms, then 30 s when that is 0, too).
    operation send(blob_http_request request, done_function done);
    // Gives up: `done` runs with `cancelled` unless the outcome was on its way.
    void cancel(operation which);

  private:
    http_port& port_;
    blob_access access_;
};

// Whether a body of that Content-Type is kept as text: text/*, JSON, XML, forms, scripts, and what
// has no type (its bytes decide).
bool is_textual(std::string_view content_type);

}  // namespace sluice::plugin
