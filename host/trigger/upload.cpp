#include "trigger/upload.hpp"

#include <utility>

#include "base/encoding.hpp"
#include "plugin/blob_reference.hpp"

namespace sluice::trigger {

namespace {

constexpr std::size_t digest_block = 64u << 10;
constexpr std::string_view unknown_type = "application/octet-stream";

}  // namespace

upload::upload(const plugin::blob_access& access, store::event_id event, std::string content_type,
               bool digests)
    : access_(access),
      event_(event),
      digests_(digests),
      sink_(std::make_shared<plugin::blob_sink>(access, event, std::move(content_type))) {}

// Nobody else will speak of this execution when there is no event.
upload::~upload() {
    if (blob_ && !kept_) access_.blobs->discard(event_, std::move(blob_));
}

void upload::write(std::string bytes, done_function done) {
    if (digests_) digest(bytes);
    sink_->write(std::move(bytes), std::move(done));
}

void upload::finish(done_function done) {
    sink_->finish([self = shared_from_this(), done = std::move(done)](base::result<void> whole) {
        if (whole) self->blob_ = self->sink_->take();
        done(std::move(whole));
    });
}

// A chain over blocks of one size: the pieces that the network makes leave no trace.
void upload::digest(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::string_view part = bytes.substr(0, digest_block - partial_.size());
        partial_ += part;
        bytes.remove_prefix(part.size());
        if (partial_.size() < digest_block) return;
        chain_ = base::sha256(chain_ + partial_);
        partial_.clear();
    }
}

std::string upload::content() const { return base::to_hex(base::sha256(chain_ + partial_)); }

net::body_destination uploads::begin(const net::http_request_head& head, bool digests) {
    return {std::make_shared<upload>(access_, ids_.next(),
                                     std::string(head.headers.get("content-type")), digests),
            options_.most_bytes};
}

std::shared_ptr<upload> upload_of(const net::http_request& request) {
    return std::dynamic_pointer_cast<upload>(request.sink);
}

std::optional<net::http_response> file_response(const plugin::blob_access& access,
                                                store::event_id execution,
                                                const json::value& output) {
    const std::int64_t status = output.is_object() ? output.int_or("status", 0) : 0;
    const bool spelled_out = status >= 200 && status <= 599;
    const auto id = plugin::blob_reference(spelled_out ? output.get("body") : output);
    if (!id) return std::nullopt;
    const auto file = access.blobs->find(execution, *id);
    if (!file || !file->sealed()) {
        return net::problem_response(500, {}, "the flow answered with a file that is not there");
    }
    net::http_response response;
    if (spelled_out) {
        response.status = static_cast<int>(status);
        const json::value& fields = output.get("headers");
        if (fields.is_object()) {
            for (const auto& [name, content] : fields.members()) {
                if (content.is_string() && net::is_valid_field(name, content.as_string()))
                    response.headers.set(name, content.as_string());
            }
        }
    }
    const std::string& type = file->content_type();
    if (!response.headers.has("Content-Type")) {
        const bool usable = !type.empty() && net::is_valid_field("Content-Type", type);
        response.headers.set("Content-Type", usable ? std::string_view(type) : unknown_type);
    }
    response.source = plugin::make_blob_source(access, file);
    return response;
}

}  // namespace sluice::trigger
