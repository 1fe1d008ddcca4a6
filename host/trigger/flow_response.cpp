#include "trigger/flow_response.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "json/text.hpp"

namespace sluice::trigger {

namespace {

// An output that merely has a member `status` (an order's, a ticket's) is data.
bool describes_a_response(const json::value& output) {
    if (!output.is_object()) return false;
    const std::int64_t status = output.int_or("status", 0);
    if (status < 200 || status > 599) return false;
    const json::value* fields = output.find("headers");
    if (fields != nullptr && !fields->is_object()) return false;
    return std::ranges::all_of(output.members(), [](const auto& member) {
        return member.first == "status" || member.first == "headers" || member.first == "body";
    });
}

}  // namespace

net::http_response response_of(const json::value& output) {
    if (!describes_a_response(output)) return net::json_response(200, json::to_text(output));
    const int status = static_cast<int>(output.int_or("status", 0));
    const json::value& body = output.get("body");
    net::http_response response = body.is_string()
                                      ? net::text_response(status, body.as_string())
                                      : net::json_response(status, json::to_text(body));
    const json::value& fields = output.get("headers");
    if (!fields.is_object()) return response;
    for (const auto& [name, content] : fields.members()) {
        if (content.is_string() && net::is_valid_field(name, content.as_string())) {
            response.headers.set(name, content.as_string());
        }
    }
    return response;
}

net::http_response response_of(const engine::fault& failure) {
    const bool is_error = failure.status >= 400 && failure.status <= 599;
    net::http_response response =
        net::json_response(is_error ? failure.status : 500, json::to_text(failure.to_json()));
    response.headers.set("Content-Type", "application/problem+json");
    return response;
}

}  // namespace sluice::trigger
