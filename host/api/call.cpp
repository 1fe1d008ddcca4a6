#include "api/call.hpp"

#include <algorithm>
#include <utility>

#include "base/log.hpp"
#include "json/text.hpp"

namespace sluice::api {

reply json_reply(int status, const json::value& body, std::string created) {
    return {net::json_response(status, json::to_text(body)), std::move(created)};
}

reply problem(int status, std::string_view detail) {
    return {net::problem_response(status, {}, detail), {}};
}

reply problem_of(const base::error& why) {
    switch (why.code) {
        case base::error_code::invalid_input:
            return problem(400, why.message);
        case base::error_code::not_found:
            return problem(404, "there is no such thing");
        case base::error_code::conflict:
            return problem(409, why.message);
        default:
            break;
    }
    base::log(base::log_level::error, "a request to the admin API failed",
              {{"why", why.to_text()}});
    reply out = problem(503, "the host cannot answer that at the moment");
    out.response.headers.set("Retry-After", "5");
    return out;
}

base::result<void> only_members(const json::value& body,
                                std::initializer_list<std::string_view> known) {
    std::string unknown;
    if (body.is_object()) {
        for (const auto& [name, content] : body.members()) {
            if (std::find(known.begin(), known.end(), name) == known.end()) unknown = name;
        }
        if (unknown.empty()) return {};
        return base::make_error(base::error_code::invalid_input,
                                "the body has no member \"" + unknown + "\"");
    }
    return base::make_error(base::error_code::invalid_input, "the body is an object");
}

}  // namespace sluice::api
