#include "api/bearer.hpp"

#include <vector>

namespace sluice::api {

std::string_view bearer_token(const net::http_request_head& head) {
    constexpr std::string_view scheme = "Bearer ";
    const std::vector<std::string_view> fields = head.headers.all("Authorization");
    if (fields.size() != 1 || fields[0].size() < scheme.size()) return {};
    if (!net::equal_without_case(fields[0].substr(0, scheme.size()), scheme)) return {};
    return fields[0].substr(scheme.size());
}

net::http_response no_token() {
    net::http_response out =
        net::problem_response(401, {}, "a valid token is needed: Authorization: Bearer slc_...");
    out.headers.set("WWW-Authenticate", "Bearer");
    return out;
}

}  // namespace sluice::api
