// Requests to GitHub's REST API on behalf of one call.
#pragma once

#include <optional>
#include <sluice/connector.hpp>
#include <string>
#include <string_view>

#include "app_tokens.hpp"

namespace sluice::github {

class api {
  public:
    // Reads address and credentials from the connection; SLUICE_INVALID_INPUT when they are
    // unusable. The context and the tokens must outlive this object.
    api(const context& ctx, app_tokens& tokens);

    // "/user" below the base address.
    url address(std::string_view path) const;
    // The address of the repository that the input's "repository" ("owner/name") names.
    url repository(const json& input) const;
    // The same at the host that takes large bodies.
    url uploads(const json& input) const;
    // The webhooks of the input's "repository" or of its "organization".
    url hooks(const json& input) const;

    // An answer with a status other than 2xx becomes the failure that fits (errors.hpp).
    task<http_response> get(std::string address) const;
    // The same, but 304 is an answer, too: nothing has changed since the one with that ETag. Costs
    // nothing of the rate limit then.
    task<http_response> get_if_changed(std::string address, std::string etag) const;
    // The bytes of a file, into the blob of the response.
    task<http_response> get_raw(std::string address) const;
    // The same with a JSON body; returns the JSON of the answer, null when it has no body.
    task<json> send(std::string method, std::string address, json body) const;
    // The same without a body.
    task<json> send(std::string method, std::string address) const;
    // Deletes; false when it was not there any more.
    task<bool> remove(std::string address) const;
    // A file as the body.
    task<json> upload(std::string address, blob content, std::string content_type) const;

  private:
    http_request request(std::string method, std::string address,
                         std::string_view accept = "application/vnd.github+json") const;
    task<http_response> exchange(http_request made) const;
    task<std::string> token() const;
    task<std::string> installation_token() const;

    const context& context_;
    app_tokens& tokens_;
    std::string base_;
    std::string upload_base_;
    std::string token_;                // unless it is an app's
    std::optional<app_identity> app_;  // whose tokens we get
    std::string token_key_;
};

// The id of something at GitHub: a whole number above 0, as text for a path.
std::string id_text(const json& input, std::string_view key);

// Copies a member, under GitHub's name for it, when the input has one; null is a value.
void copy_member(json& body, const json& input, std::string_view key, std::string_view github_key);

// Adds the input's texts of these names to the query, as they are.
void add_filters(url& list, const json& input, std::initializer_list<const char*> keys);

}  // namespace sluice::github
