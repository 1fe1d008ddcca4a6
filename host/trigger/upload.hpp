// Webhooks whose body goes to disk (`webhook: { body: blob }`): it streams into a blob of the
// execution-to-be before the event is committed. Whatever does not become an event leaves no file.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/ids.hpp"
#include "json/value.hpp"
#include "net/http_types.hpp"
#include "plugin/blob_stream.hpp"
#include "store/types.hpp"

namespace sluice::trigger {

// A body on its way to disk, and after its end the blob until somebody keeps it. Loop thread.
class upload final : public net::body_sink, public std::enable_shared_from_this<upload> {
  public:
    // `digests`: content() is wanted later.
    upload(const plugin::blob_access& access, store::event_id event, std::string content_type,
           bool digests);

    void write(std::string bytes, done_function done) override;
    void finish(done_function done) override;

    // The id that the event must get: the blob belongs to it.
    store::event_id event() const { return event_; }
    // After the end: {"$blob": id, "size": bytes, "contentType": type}.
    json::value handle() const { return blob_->to_json(); }
    // After the end: equal for equal bytes, whatever pieces they came in.
    std::string content() const;
    // The event is durable: the blob stays. Otherwise it goes with this object.
    void keep() { kept_ = true; }
    ~upload() override;

  private:
    void digest(std::string_view bytes);

    plugin::blob_access access_;
    const store::event_id event_;
    const bool digests_;
    std::shared_ptr<plugin::blob_sink> sink_;
    std::shared_ptr<plugin::blob> blob_;
    bool kept_ = false;
    std::string chain_;    // digest of all full blocks
    std::string partial_;  // less than a block
};

struct upload_options {
    std::uint64_t most_bytes = 2ull << 30;
};

class uploads {
  public:
    // All of it outlives the uploads.
    uploads(plugin::blob_access access, base::id_generator& ids, upload_options options)
        : access_(std::move(access)), ids_(ids), options_(options) {}

    // Where the body of this request goes.
    net::body_destination begin(const net::http_request_head& head, bool digests);
    const plugin::blob_access& access() const { return access_; }

  private:
    plugin::blob_access access_;
    base::id_generator& ids_;
    const upload_options options_;
};

// The upload behind a request; null when its body was collected in memory.
std::shared_ptr<upload> upload_of(const net::http_request& request);

// The response for a flow's output that is a file, or {status, headers, body} whose body is one: it
// streams from the disk, with the file's content type unless a header says another. Nothing when
// the output is something else.
std::optional<net::http_response> file_response(const plugin::blob_access& access,
                                                store::event_id execution,
                                                const json::value& output);

}  // namespace sluice::trigger
