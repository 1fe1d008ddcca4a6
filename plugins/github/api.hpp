// Requests to GitHub's REST API on behalf of one call.
#pragma once

#include <sluice/connector.hpp>
#include <string>
#include <string_view>

namespace sluice::github {

class api {
  public:
    // Reads address and token from the connection; SLUICE_INVALID_INPUT when they are unusable.
    // The context must outlive this object.
    explicit api(const context& ctx);

    // "/user" below the base address.
    url address(std::string_view path) const;
    // The address of the repository that the input's "repository" ("owner/name") names.
    url repository(const json& input) const;
    // An answer with a status other than 2xx becomes the failure that fits (errors.hpp).
    task<http_response> get(std::string address) const;
    // The same with a JSON body; returns the JSON of the answer, null when it has no body.
    task<json> send(std::string method, std::string address, json body) const;
    // The same without a body.
    task<json> send(std::string method, std::string address) const;

  private:
    http_request request(std::string method, std::string address) const;

    const context& context_;
    std::string base_;
    std::string token_;
};

// The id of something at GitHub: a whole number above 0, as text for a path.
std::string id_text(const json& input, std::string_view key);

// Copies a member, under GitHub's name for it, when the input has one; null is a value.
void copy_member(json& body, const json& input, std::string_view key, std::string_view github_key);

}  // namespace sluice::github
