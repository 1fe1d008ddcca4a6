#include "plugin/blob_http.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include "base/encoding.hpp"

namespace sluice::plugin {

namespace {

constexpr std::int64_t default_stall_ms = 30'000;
constexpr std::size_t largest_text = 16u << 20;

// Text as long as it can be, then a blob with what has come so far in front.
class text_or_blob final : public net::body_sink,
                           public std::enable_shared_from_this<text_or_blob> {
  public:
    text_or_blob(blob_access access, store::event_id execution, std::string content_type,
                 std::size_t text_limit)
        : access_(std::move(access)),
          execution_(execution),
          content_type_(std::move(content_type)),
          text_limit_(text_limit) {}

    void write(std::string bytes, done_function done) override {
        if (!blob_ && text_.size() + bytes.size() <= text_limit_) {
            text_ += bytes;
            return access_.loop.post([done = std::move(done)] { done({}); });
        }
        into_blob(std::move(bytes), std::move(done));
    }

    void finish(done_function done) override {
        if (blob_) return blob_->finish(std::move(done));
        if (base::is_valid_utf8(text_)) {
            return access_.loop.post([done = std::move(done)] { done({}); });
        }
        // JSON cannot carry it.
        into_blob({}, [self = shared_from_this(), done](base::result<void> written) {
            if (!written) return done(std::move(written));
            self->blob_->finish(done);
        });
    }

    void give(blob_http_response& to) {
        if (blob_) {
            to.blob = blob_->take()->to_json();
        } else {
            to.body = std::move(text_);
        }
    }

  private:
    void into_blob(std::string bytes, done_function done) {
        if (!blob_) blob_ = std::make_shared<blob_sink>(access_, execution_, content_type_);
        text_ += bytes;
        blob_->write(std::exchange(text_, {}), std::move(done));
    }

    blob_access access_;
    const store::event_id execution_;
    const std::string content_type_;
    const std::size_t text_limit_;
    std::string text_;
    std::shared_ptr<blob_sink> blob_;
};

base::result<std::shared_ptr<blob>> find_body(const blob_access& access, store::event_id execution,
                                              const std::string& id) {
    auto found = access.blobs->find(execution, id);
    if (!found) {
        return base::make_error(base::error_code::not_found,
                                "this execution has no file \"" + id.substr(0, 64) + "\"",
                                "A {\"$blob\": ...} is valid in the execution that made it.");
    }
    if (!found->sealed()) {
        return base::make_error(base::error_code::conflict, "the file " + id + " is not complete");
    }
    return found;
}

}  // namespace

bool is_textual(std::string_view content_type) {
    std::string type(content_type.substr(0, content_type.find(';')));
    std::ranges::transform(type, type.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    while (type.ends_with(' '))
        type.pop_back();
    constexpr auto known = std::to_array<std::string_view>(
        {"", "application/json", "application/xml", "application/x-www-form-urlencoded",
         "application/javascript", "application/x-ndjson", "application/yaml",
         "application/graphql"});
    return type.starts_with("text/") || type.ends_with("+json") || type.ends_with("+xml") ||
           std::ranges::find(known, type) != known.end();
}

blob_http::operation blob_http::send(blob_http_request wanted, done_function done) {
    net::client_request& request = wanted.request;
    if (!wanted.body_blob.empty()) {
        auto body = find_body(access_, wanted.execution, wanted.body_blob);
        if (!body) {
            access_.loop.post([done, why = body.error_value()] { done(why); });
            return ~operation{0};  // cancel() knows no such request
        }
        request.source = make_blob_source(access_, *body);
    }
    if (request.timeout_ms == 0 && request.stall_ms == 0) request.stall_ms = default_stall_ms;
    request.max_streamed_bytes = access_.blobs->bytes_per_execution();

    auto sink = std::make_shared<std::shared_ptr<text_or_blob>>();
    request.choose_sink = [sink, access = access_, execution = wanted.execution,
                           limit = std::min(wanted.text_limit, largest_text),
                           always = wanted.always_blob](const net::client_response& head) {
        std::string type(head.headers.get("content-type"));
        // Not even one byte of what is no text counts as text; an empty body is an empty text.
        const std::size_t text = always || !is_textual(type) ? 0 : limit;
        *sink = std::make_shared<text_or_blob>(access, execution, std::move(type), text);
        return *sink;
    };
    return port_.send(std::move(request),
                      [sink, done = std::move(done)](base::result<net::client_response> answer) {
                          const auto body = std::exchange(*sink, nullptr);
                          if (!answer) return done(std::move(answer).error_value());
                          blob_http_response out;
                          out.status = answer->status;
                          out.headers = std::move(answer->headers);
                          out.url = std::move(answer->url);
                          out.body = std::move(answer->body);
                          if (body) body->give(out);
                          done(std::move(out));
                      });
}

void blob_http::cancel(operation which) { port_.cancel(which); }

}  // namespace sluice::plugin
