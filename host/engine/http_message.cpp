#include "engine/http_message.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <ctime>

#include "base/encoding.hpp"
#include "json/text.hpp"
#include "net/http_types.hpp"
#include "net/url.hpp"

namespace sluice::engine {
namespace {

std::string text_of(const json::value& scalar) {
    if (scalar.is_null()) return {};
    return scalar.is_string() ? scalar.as_string() : json::to_text(scalar);
}

bool is_scalar(const json::value& content) { return !content.is_array() && !content.is_object(); }

base::error wrong(std::string message, std::string hint = {}) {
    return base::make_error(base::error_code::invalid_input, std::move(message), std::move(hint));
}

void add_query(std::string& url, std::string_view name, const json::value& content) {
    const std::size_t fragment = url.find('#');
    if (fragment != std::string::npos) url.resize(fragment);
    url += url.find('?') == std::string::npos ? '?' : '&';
    url += net::percent_encode(name) + '=' + net::percent_encode(text_of(content));
}

bool is_json_type(std::string_view type) {
    type = type.substr(0, type.find(';'));
    while (!type.empty() && type.back() == ' ')
        type.remove_suffix(1);
    std::string lower(type);
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return lower == "application/json" || lower.ends_with("+json");
}

json::value content_of(const net::client_response& response) {
    if (response.body.empty()) return {};
    if (is_json_type(response.headers.get("Content-Type"))) {
        if (auto parsed = json::parse(response.body)) return std::move(*parsed);
    }
    if (base::is_valid_utf8(response.body)) return json::value(response.body);
    return base::to_base64(response.body);
}

json::value fields_object(const net::headers& fields) {
    json::value out = json::value::object();
    for (const net::header_field field : fields) {
        std::string name(field.name);
        std::transform(name.begin(), name.end(), name.begin(),
                       [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        if (const json::value* before = out.find(name)) {
            out.set(name, before->as_string() + ", " + std::string(field.value));
        } else {
            out.set(name, field.value);
        }
    }
    return out;
}

}  // namespace

base::result<std::string> fill_endpoint(const std::string& endpoint, const json::value& input) {
    std::string out;
    std::size_t from = 0;
    for (;;) {
        const std::size_t open = endpoint.find('{', from);
        const std::size_t close = open == std::string::npos ? open : endpoint.find('}', open);
        if (close == std::string::npos) return out.append(endpoint, from, std::string::npos);
        out.append(endpoint, from, open - from);
        const std::string name = endpoint.substr(open + 1, close - open - 1);
        const json::value& content = input.get(name);
        if (!is_scalar(content)) {
            return wrong("{" + name + "} in the address is no text, number or boolean",
                         "name a member of the task's input that is one");
        }
        out += net::percent_encode(text_of(content));
        from = close + 1;
    }
}

base::result<net::client_request> make_request(const http_fields& fields) {
    net::client_request out;
    out.method = fields.method;
    for (char& c : out.method)
        c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    if (out.method.empty() || !net::is_token(out.method)) {
        return wrong("\"" + fields.method + "\" is no HTTP method", "write get, post, put ...");
    }
    out.url = fields.endpoint;
    if (fields.query.is_object()) {
        for (const auto& [name, content] : fields.query.members()) {
            if (content.is_array()) {
                for (const json::value& each : content.items())
                    add_query(out.url, name, each);
            } else {
                add_query(out.url, name, content);
            }
        }
    } else if (!fields.query.is_null()) {
        return wrong("`query` must be an object");
    }
    if (fields.headers.is_object()) {
        for (const auto& [name, content] : fields.headers.members()) {
            const std::string text = text_of(content);
            if (!is_scalar(content) || !net::is_valid_field(name, text)) {
                return wrong("the header \"" + name + "\" cannot be sent");
            }
            out.headers.set(name, text);
        }
    } else if (!fields.headers.is_null()) {
        return wrong("`headers` must be an object");
    }
    if (fields.has_body) {
        const bool plain = fields.body.is_string();
        if (!out.headers.has("Content-Type")) {
            out.headers.set("Content-Type",
                            plain ? "text/plain; charset=utf-8" : "application/json");
        }
        const bool as_json = !plain || is_json_type(out.headers.get("Content-Type"));
        out.body = as_json ? json::to_text(fields.body) : fields.body.as_string();
    }
    return out;
}

json::value response_value(manifest::http_output how, const net::client_request& request,
                           const http_answer& answer) {
    const net::client_response& response = answer.response;
    const bool file = !answer.blob.is_null();
    if (how == manifest::http_output::raw) {
        return file ? answer.blob : json::value(base::to_base64(response.body));
    }
    if (how == manifest::http_output::content) return file ? answer.blob : content_of(response);
    return json::value::object(
        {{"request", json::value::object({{"method", request.method},
                                          {"uri", request.url},
                                          {"headers", fields_object(request.headers)}})},
         {"statusCode", response.status},
         {"headers", fields_object(response.headers)},
         {"content", file ? answer.blob : content_of(response)}});
}

std::string address_of(const std::string& url) {
    const base::result<net::url> parsed = net::parse_url(url);
    return parsed ? parsed->origin() + parsed->path : "an address that is not valid";
}

std::int64_t retry_after_ms(const net::headers& fields, std::int64_t now_ms) {
    const std::string text(fields.get("Retry-After"));
    if (text.empty()) return 0;
    std::int64_t seconds = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (failed == std::errc() && end == text.data() + text.size()) {
        return seconds > 0 ? std::min<std::int64_t>(seconds, 366 * 86'400) * 1000 : 0;
    }
    std::tm parts{};
    if (::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts) == nullptr) return 0;
    return std::max<std::int64_t>(0, static_cast<std::int64_t>(::timegm(&parts)) * 1000 - now_ms);
}

}  // namespace sluice::engine
