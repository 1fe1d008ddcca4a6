#include "api.hpp"

#include <utility>

namespace your_app {

using sluice::http_request;
using sluice::http_response;
using sluice::json;
using sluice::task;

namespace {

// The app explains a refusal as {"error": {"code", "message", ...}}; the flow gets all of it.
sluice::failure refusal(const http_response& response) {
    sluice::failure result = sluice::failure_from(response, "Your App");
    try {
        const json body = json::parse(response.body);
        if (body["error"].is_object()) return std::move(result).details(body["error"]);
    } catch (const sluice::json_error&) {
        // A proxy answered in its own words; the status says enough.
    }
    return result;
}

}  // namespace

api::api(const sluice::context& ctx)
    : context_(ctx),
      base_(ctx.connection_string("baseUrl")),
      key_(ctx.connection_string("apiKey")) {}

sluice::url api::at(std::string_view resource) const {
    return sluice::url(base_).path("/api").segment(resource);
}

http_request api::request(std::string method, std::string address) const {
    http_request made(std::move(method), std::move(address));
    made.bearer(key_).header("Accept", "application/json");
    return made;
}

task<json> api::get(std::string address) const { return send(request("GET", std::move(address))); }

task<json> api::write(std::string method, std::string address, json body, std::size_t part) const {
    http_request made = request(std::move(method), std::move(address));
    // The host repeats a step after a crash or a lost answer, always under the same key. By the
    // key the app recognises the repetition and does not do the work twice.
    std::string key(context_.idempotency_key());
    if (part > 0) key += "-" + std::to_string(part);
    made.header("Idempotency-Key", key);
    // By the actor a flow recognises events about changes that it made itself.
    made.header("X-Actor", "sluice");
    if (!body.is_null()) made.json_body(body);
    return send(std::move(made));
}

task<json> api::send(http_request request) const {
    const http_response response = co_await context_.http(std::move(request));
    if (!response.ok()) throw refusal(response);
    co_return response.body.empty() ? json() : response.json();
}

const json& listed(const json& answer, std::string_view key) {
    const json& found = answer[key];
    if (found.is_array()) return found;
    throw sluice::failure(SLUICE_UNAVAILABLE,
                          "Your App's answer has no list '" + std::string(key) + "'");
}

const std::string& id_of(const json& answer) {
    const json& found = answer["id"];
    if (found.is_string() && !found.empty()) return found.as_string();
    throw sluice::failure(SLUICE_UNAVAILABLE, "Your App's answer has no 'id'");
}

}  // namespace your_app
