// Requests to Dropbox's API on behalf of one call.
#pragma once

#include <optional>
#include <sluice/connector.hpp>
#include <string>
#include <string_view>

#include "errors.hpp"

namespace sluice::dropbox {

// What came back: the result, or a refusal that the caller may know what to do about.
struct answer {
    json value;
    reason why;
    std::optional<failure> refused;

    // The result; throws the refusal.
    const json& result() const;
};

class api {
  public:
    // Reads addresses and token from the connection; SLUICE_INVALID_INPUT when they are unusable.
    // The context must outlive this object.
    explicit api(const context& ctx);

    // A route such as "files/get_metadata" with its argument. Refusals with status 409 are in the
    // answer; all others are thrown.
    task<answer> ask(std::string route, json argument) const;
    // The same where every refusal is a failure.
    task<json> call(std::string route, json argument) const;
    // Content goes up: bytes, or the whole of a blob.
    task<answer> send(std::string route, json argument, std::string bytes) const;
    task<answer> send(std::string route, json argument, blob content) const;
    // Content comes down, into the blob of the response.
    task<http_response> fetch(std::string route, json argument) const;
    // The host that waits; it takes no token.
    task<answer> wait(std::string route, json argument, std::uint32_t timeout_ms) const;

  private:
    http_request with_token(const std::string& base, const std::string& route) const;
    http_request content_request(const std::string& route, const json& argument) const;
    task<answer> exchange(http_request request) const;

    const context& context_;
    std::string api_url_;
    std::string content_url_;
    std::string notify_url_;
    std::string token_;
    std::string path_root_;
};

// "/" is the root for people; Dropbox calls it "".
std::string folder_path(const json& input, std::string_view key);

// Copies a member, under Dropbox's name for it, when the input has one.
void copy_member(json& argument, const json& input, std::string_view key,
                 std::string_view dropbox_key);

}  // namespace sluice::dropbox
