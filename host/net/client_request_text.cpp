#include "net/client_request_text.hpp"

#include <algorithm>
#include <array>

namespace sluice::net {

namespace {

bool begins_without_case(std::string_view text, std::string_view start) {
    return text.size() >= start.size() && equal_without_case(text.substr(0, start.size()), start);
}

// Fields that say where a message ends or what becomes of the connection.
bool is_clients_own(std::string_view name) {
    constexpr auto own = std::to_array<std::string_view>({"Host", "Content-Length", "Connection",
                                                          "Keep-Alive", "Transfer-Encoding", "TE",
                                                          "Trailer", "Upgrade", "Expect"});
    return std::any_of(own.begin(), own.end(),
                       [&](std::string_view each) { return equal_without_case(each, name); }) ||
           begins_without_case(name, "Proxy-");
}

bool wants_length(const client_request& request) {
    if (request.source) return request.source->length().has_value();
    return !request.body.empty() || request.method == "POST" || request.method == "PUT" ||
           request.method == "PATCH";
}

}  // namespace

base::result<void> check_request(const client_request& request) {
    if (!is_token(request.method) || request.method == "CONNECT") {
        return base::make_error(base::error_code::invalid_input,
                                "the request's method is not a valid HTTP method",
                                "use GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS");
    }
    for (const auto field : request.headers) {
        if (is_valid_field(field.name, field.value)) continue;
        const std::string name = is_token(field.name) ? std::string(field.name) : "with a bad name";
        return base::make_error(base::error_code::invalid_input,
                                "the request's header field " + name + " is not valid",
                                "names are letters, digits and dashes; values are one line");
    }
    return {};
}

std::string request_text(const client_request& request, const url& target,
                         const std::string& user_agent) {
    std::string text;
    text.reserve(256 + request.body.size() + target.path.size() + target.query.size());
    text.append(request.method).append(" ").append(target.target());
    text.append(" HTTP/1.1\r\nHost: ").append(target.authority()).append("\r\n");
    bool has_agent = false;
    for (const auto field : request.headers) {
        if (is_clients_own(field.name)) continue;
        has_agent = has_agent || equal_without_case(field.name, "User-Agent");
        text.append(field.name).append(": ").append(field.value).append("\r\n");
    }
    if (!has_agent) text.append("User-Agent: ").append(user_agent).append("\r\n");
    if (wants_length(request)) {
        const std::uint64_t size = request.source ? *request.source->length() : request.body.size();
        text.append("Content-Length: ").append(std::to_string(size)).append("\r\n");
    } else if (request.source) {
        text.append("Transfer-Encoding: chunked\r\n");
    }
    text.append("\r\n");
    if (!request.source) text.append(request.body);
    return text;
}

bool is_idempotent(const std::string& method) {
    constexpr auto methods =
        std::to_array<std::string_view>({"GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"});
    return std::find(methods.begin(), methods.end(), method) != methods.end();
}

bool is_redirect(int status) {
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

void redirect_request(client_request& request, int status, const url& from, const url& to) {
    const bool was_post = request.method == "POST";
    const bool loses_body = (status == 303 && request.method != "HEAD") ||
                            ((status == 301 || status == 302) && was_post);
    const bool other_origin = from.origin() != to.origin();
    if (loses_body) {
        request.method = "GET";
        request.body.clear();
        request.source = nullptr;
    }
    headers kept;
    for (const auto field : request.headers) {
        const bool content = begins_without_case(field.name, "Content-");
        const bool harmless = content || begins_without_case(field.name, "Accept") ||
                              equal_without_case(field.name, "User-Agent");
        if ((loses_body && content) || (other_origin && !harmless)) continue;
        kept.add(field.name, field.value);
    }
    request.headers = std::move(kept);
}

}  // namespace sluice::net
