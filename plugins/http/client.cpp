#include "client.hpp"

#include <algorithm>
#include <charconv>

#include "text.hpp"

namespace sluice::http {
namespace {

constexpr std::int64_t longest_timeout_s = 3600;
constexpr const char* usual_key_name = "X-Api-Key";
constexpr std::size_t most_details = 4000;  // bytes of an answer that go into a failure

[[noreturn]] void refuse(const std::string& what) { throw failure(SLUICE_INVALID_INPUT, what); }

std::optional<unsigned> status_of(std::string_view text) {
    unsigned status = 0;
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, status);
    if (read.ec != std::errc() || read.ptr != end || status < 100 || status > 599) {
        return std::nullopt;
    }
    return status;
}

std::optional<std::pair<unsigned, unsigned>> range_of(const json& what) {
    const std::string text =
        what.is_number() ? what.number_text() : (what.is_string() ? what.as_string() : "");
    if (text.size() == 3 && text.ends_with("xx") && text[0] >= '1' && text[0] <= '5') {
        const unsigned first = static_cast<unsigned>(text[0] - '0') * 100;
        return std::pair(first, first + 99);
    }
    const std::size_t dash = std::min(text.find('-'), text.size());
    const auto first = status_of(std::string_view(text).substr(0, dash));
    const auto last =
        dash == text.size() ? first : status_of(std::string_view(text).substr(dash + 1));
    if (!first || !last || *last < *first) return std::nullopt;
    return std::pair(*first, *last);
}

// A field that may be missing; empty then.
std::string optional_text(const json& of, std::string_view key) {
    const json& found = of[key];
    if (!found.is_null() && !found.is_string()) {
        refuse("'" + std::string(key) + "' must be a text, it is " + found.kind_name());
    }
    return of.get_or(key, "");
}

}  // namespace

bool changes_nothing(std::string_view method) {
    return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

std::string method_of(const json& input, std::string_view fallback) {
    std::string method =
        input["method"].is_null() ? std::string(fallback) : required_string(input, "method");
    std::ranges::transform(method, method.begin(), [](char c) {
        return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    for (const char* known : {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
        if (method == known) return method;
    }
    refuse("'" + method + "' is no method: GET, HEAD, POST, PUT, PATCH, DELETE or OPTIONS");
}

http_request draft::made() const {
    http_request request(method, url);
    for (const auto& [name, content] : headers.all())
        request.header(name, content);
    if (body_file) {
        request.blob_body(body_file, content_type);
    } else if (!content_type.empty()) {
        request.body(body, content_type);
    }
    request.timeout_ms(timeout_ms);
    return request;
}

expected_statuses::expected_statuses(const json& input) {
    const json& given = input["expect"];
    if (given.is_null()) {
        ranges_ = {{200, 299}};
        return;
    }
    const json list = given.is_array() ? given : json::array({given});
    for (const json& each : list.items()) {
        const auto range = range_of(each);
        if (!range) refuse("'expect' must list statuses: 404, \"2xx\" or \"200-299\"");
        ranges_.push_back(*range);
    }
}

bool expected_statuses::has(unsigned status) const {
    return std::ranges::any_of(ranges_, [&](const auto& range) {
        return status >= range.first && status <= range.second;
    });
}

client::client(const context& call) : call_(call), base_(call.connection_string("baseUrl")) {}

draft client::prepare(const json& input, std::string_view default_method) const {
    return prepare_at(input, default_method, base_.of(input));
}

draft client::prepare_at(const json& input, std::string_view default_method,
                         std::string url) const {
    draft made;
    made.method = method_of(input, default_method);
    made.url = std::move(url);
    made.headers.set_all(call_.connection()["headers"], "the connection's 'headers'");
    made.headers.set_all(input["headers"], "'headers'");
    std::string key_header = optional_text(input, "idempotencyHeader");
    if (key_header.empty()) key_header = optional_text(call_.connection(), "idempotencyHeader");
    if (!key_header.empty() && !changes_nothing(made.method)) {
        made.headers.set_all(json{{key_header, call_.idempotency_key()}}, "'idempotencyHeader'");
    }
    made.follow_redirects = changes_nothing(made.method);
    if (!input["followRedirects"].is_null()) {
        if (!input["followRedirects"].is_bool()) refuse("'followRedirects' must be true or false");
        made.follow_redirects = input["followRedirects"].as_bool();
    }
    if (!input["timeoutSeconds"].is_null()) {
        const std::int64_t seconds = required_int(input, "timeoutSeconds");
        if (seconds < 1 || seconds > longest_timeout_s) {
            refuse("'timeoutSeconds' must be 1 to 3600");
        }
        made.timeout_ms = static_cast<std::uint32_t>(seconds * 1000);
    }
    add_credentials(made);
    return made;
}

void client::add_credentials(draft& to) const {
    const json& of = call_.connection();
    const std::string type = of.get_or("type", "none");
    std::string name = "Authorization";
    std::string content;
    if (type == "none") return;
    if (type == "basic") {
        const std::string user = optional_text(of, "username");
        if (user.find(':') != user.npos) refuse("a user's name cannot have a colon");
        content = "Basic " + base64_encode(user + ":" + optional_text(of, "password"));
    } else if (type == "bearer") {
        content = "Bearer " + call_.connection_string("token");
    } else if (type == "apiKey") {
        const std::string& key = call_.connection_string("apiKey");
        const std::string where = optional_text(of, "in");
        name = of.get_or("name", usual_key_name);
        if (where == "query") {
            to.url = with_key(std::move(to.url));
            return;
        }
        if (!where.empty() && where != "header") {
            refuse("the connection's 'in' must be header or query");
        }
        content = optional_text(of, "prefix") + key;
    } else {
        content = of.get_or("tokenType", "Bearer") + " " + call_.connection_string("accessToken");
        // As "bearer", which some providers write, some servers do not know it.
        if (same_name(content.substr(0, 7), "bearer ")) content.replace(0, 7, "Bearer ");
    }
    if (!to.headers.get(name).empty()) {
        refuse("'headers' cannot have " + name + ": the connection gives it");
    }
    to.headers.set_all(json{{name, content}}, "the connection");
}

bool client::has_key_in_query() const {
    const json& of = call_.connection();
    return of.get_or("type", "") == "apiKey" && of.get_or("in", "") == "query";
}

std::string client::with_key(std::string url) const {
    const json& of = call_.connection();
    add_query(url, json{{of.get_or("name", usual_key_name), call_.connection_string("apiKey")}});
    return url;
}

std::string client::without_credentials(const std::string& url) const {
    if (!has_key_in_query()) return url;
    const std::string key = percent_encode(call_.connection().get_or("name", usual_key_name)) + "=";
    const std::size_t query = std::min(url.find('?'), url.size());
    std::string made = url.substr(0, query);
    std::string_view rest = std::string_view(url).substr(query);
    char before = '?';
    while (!rest.empty()) {
        rest.remove_prefix(1);
        const std::string_view one = rest.substr(0, rest.find('&'));
        rest.remove_prefix(one.size());
        if (one.starts_with(key)) continue;
        made += before;
        made += one;
        before = '&';
    }
    return made;
}

failure client::refusal(const http_response& response, std::string_view head) const {
    http_response told = response;
    if (!head.empty()) told.body = head;
    if (!is_utf8(told.body)) told.body.clear();
    json body;
    try {
        body = json::parse(told.body);
    } catch (const json_error&) {
        body = json(told.body);
    }
    if (told.body.size() > most_details) {
        body = json(std::string(detail::utf8_prefix(told.body, most_details)));
    }
    return failure_from(told, base_.host())
        .details(json{{"status", told.status}, {"body", std::move(body)}});
}

}  // namespace sluice::http
