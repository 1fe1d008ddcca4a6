// HTTP requests and responses, and what a response's status means to the host.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sluice/abi.h"
#include "sluice/blob.hpp"
#include "sluice/encoding.hpp"
#include "sluice/failure.hpp"
#include "sluice/json.hpp"

namespace sluice {
inline namespace sdk {

// A request, built step by step:
//   http_request request("POST", url(base) / "issues");
//   request.bearer(token).json_body(issue);
class http_request {
  public:
    http_request(std::string method, std::string url)
        : method_(std::move(method)), url_(std::move(url)) {}

    // Host and Content-Length belong to the host. A line break in name or value would smuggle in
    // another header: SLUICE_INVALID_INPUT.
    http_request& header(std::string_view name, std::string_view value) & {
        for (const std::string_view part : {name, value}) {
            if (part.find_first_of(std::string_view("\r\n\0", 3)) != part.npos) {
                throw failure(SLUICE_INVALID_INPUT, "a header contains a line break");
            }
        }
        headers_.append(name).append(": ").append(value).append("\r\n");
        return *this;
    }
    http_request& bearer(std::string_view token) & {
        return header("Authorization", "Bearer " + std::string(token));
    }
    http_request& basic(std::string_view user, std::string_view password) & {
        const std::string pair = std::string(user) + ":" + std::string(password);
        return header("Authorization", "Basic " + base64_encode(pair));
    }
    http_request& body(std::string bytes, std::string_view content_type) & {
        body_ = std::move(bytes);
        return header("Content-Type", content_type);
    }
    http_request& json_body(const json& value) & { return body(value.dump(), "application/json"); }
    // The bytes of a sealed blob as the body; the host streams them.
    http_request& blob_body(blob content, std::string_view content_type) & {
        body_blob_ = std::move(content);
        return header("Content-Type", content_type);
    }
    // For everything from connecting to the last byte. Otherwise what is left of the call's
    // deadline, or 30 s.
    http_request& timeout_ms(std::uint32_t limit) & {
        timeout_ms_ = limit;
        return *this;
    }
    http_request& follow_redirects() & {
        flags_ |= SLUICE_HTTP_FOLLOW_REDIRECTS;
        return *this;
    }
    // The response's body becomes a blob instead of text.
    http_request& body_to_blob() & {
        flags_ |= SLUICE_HTTP_BODY_TO_BLOB;
        return *this;
    }

    const std::string& method() const noexcept { return method_; }
    const std::string& address() const noexcept { return url_; }
    // Borrows from this object.
    sluice_http_request as_request() const noexcept {
        sluice_http_request request{};
        request.size = sizeof(request);
        request.timeout_ms = timeout_ms_;
        request.method = detail::to_str(method_);
        request.url = detail::to_str(url_);
        request.headers = detail::to_str(headers_);
        request.body = detail::to_str(body_);
        request.body_blob = body_blob_.handle();
        request.flags = flags_;
        return request;
    }

  private:
    std::string method_;
    std::string url_;
    std::string headers_;
    std::string body_;
    blob body_blob_;
    std::uint32_t timeout_ms_ = 0;
    std::uint32_t flags_ = 0;
};

class http_response {
  public:
    http_response() = default;
    http_response(unsigned code, std::string_view header_lines, std::string_view bytes)
        : status(code), body(bytes) {
        while (!header_lines.empty()) {
            const std::size_t end = std::min(header_lines.find("\r\n"), header_lines.size());
            add_header(header_lines.substr(0, end));
            header_lines.remove_prefix(std::min(end + 2, header_lines.size()));
        }
    }

    unsigned status = 0;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    blob body_blob;  // with body_to_blob()

    bool ok() const noexcept { return status >= 200 && status < 300; }
    // The first header of that name in any case, or empty.
    std::string_view header(std::string_view name) const noexcept {
        for (const auto& [known, value] : headers) {
            if (same_name(known, name)) return value;
        }
        return {};
    }
    // A body that is not JSON is SLUICE_UNAVAILABLE: a proxy or a maintenance page answered.
    sdk::json json() const {
        try {
            return sdk::json::parse(body);
        } catch (const json_error& error) {
            throw failure(SLUICE_UNAVAILABLE, std::string("the answer is ") + error.what())
                .http_status(status);
        }
    }

  private:
    static char lower(char c) noexcept {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    static bool same_name(std::string_view a, std::string_view b) noexcept {
        return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                          [](char x, char y) { return lower(x) == lower(y); });
    }
    void add_header(std::string_view line) {
        const std::size_t colon = line.find(':');
        if (colon == line.npos) return;
        std::string_view value = line.substr(colon + 1);
        while (value.starts_with(' ') || value.starts_with('\t'))
            value.remove_prefix(1);
        while (value.ends_with(' ') || value.ends_with('\t'))
            value.remove_suffix(1);
        headers.emplace_back(line.substr(0, colon), value);
    }
};

}  // namespace sdk
}  // namespace sluice
