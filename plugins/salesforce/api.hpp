// Requests to Salesforce's REST API on behalf of one call.
#pragma once

#include <sluice/connector.hpp>
#include <string>
#include <string_view>

namespace sluice::salesforce {

class api {
  public:
    // Reads address, version and token from the connection; SLUICE_INVALID_INPUT when they are
    // unusable. The context must outlive this object.
    explicit api(const context& ctx);

    // "/sobjects", or nothing, below /services/data/vNN.N of the organization's address.
    url data(std::string_view path) const;
    // "/services/data/vNN.N", for addresses inside of bodies.
    std::string data_path() const { return "/services/data/v" + version_; }
    const std::string& version() const noexcept { return version_; }

    // With the token.
    http_request request(std::string method, std::string address,
                         std::string_view accept = "application/json") const;
    // An answer with a status other than 2xx becomes the failure that fits (errors.hpp).
    task<http_response> send(http_request request) const;
    // The same; returns the JSON of the answer, null when it has no body.
    task<json> get(std::string address) const;
    task<json> write(std::string method, std::string address, json body) const;
    task<json> send_json(http_request request) const;

  private:
    void warn_near_limit(const http_response& response) const;

    const context& context_;
    std::string base_;
    std::string version_;
    std::string token_;
};

inline bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// The name of an object, a field or the like: a letter, then letters, digits and '_'; in `path`
// joined by dots ("Owner.Name"). Everything else is SLUICE_INVALID_INPUT; `key` is where it stood.
const std::string& checked_name(const std::string& name, std::string_view key);
const std::string& checked_path(const std::string& path, std::string_view key);
// A record's or a job's id: 15 or 18 letters and digits.
const std::string& checked_id(const std::string& id, std::string_view key);
bool is_id(std::string_view text);

// "sobjects/NAME" of the input's "object".
url object_address(const api& salesforce, const json& input);

// The whole number at the key, or `usual`; SLUICE_INVALID_INPUT outside of the range.
std::int64_t number_between(const json& input, std::string_view key, std::int64_t usual,
                            std::int64_t least, std::int64_t most);

}  // namespace sluice::salesforce
