// Requests to Your App's REST API: address, key, idempotency, errors. All actions go through here.
#pragma once

#include <sluice/connector.hpp>
#include <string>
#include <string_view>

namespace your_app {

class api {
  public:
    // Takes baseUrl and apiKey out of the call's connection. The context must outlive this object.
    explicit api(const sluice::context& ctx);

    // The address of a resource: at("tickets") is <baseUrl>/api/tickets.
    sluice::url at(std::string_view resource) const;

    // Sends a request and returns the JSON of the answer (null when it is empty). Any status other
    // than 2xx is thrown as a failure that tells the host whether trying again makes sense.
    sluice::task<sluice::json> get(std::string address) const;
    // `part` tells several writes of one step apart.
    sluice::task<sluice::json> write(std::string method, std::string address, sluice::json body,
                                     std::size_t part = 0) const;

  private:
    sluice::http_request request(std::string method, std::string address) const;
    sluice::task<sluice::json> send(sluice::http_request request) const;

    const sluice::context& context_;
    std::string base_;
    std::string key_;
};

// What an answer has to have. One without it comes from something else than the app:
// SLUICE_UNAVAILABLE.
const sluice::json& listed(const sluice::json& answer, std::string_view key);
const std::string& id_of(const sluice::json& answer);

}  // namespace your_app
