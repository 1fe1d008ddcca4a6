#include "trigger/payload.hpp"

#include <string>
#include <utility>

#include "base/encoding.hpp"
#include "json/text.hpp"
#include "net/url.hpp"

namespace sluice::trigger {
namespace {

std::string lower_case(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    }
    return out;
}

bool is_credential(std::string_view name) {
    return name == "authorization" || name == "cookie" || name == "proxy-authorization" ||
           name == "api-key";
}

// Fields may hold bytes that are not UTF-8 (RFC 9110: obs-text); JSON may not.
json::value text_value(std::string_view text) {
    if (base::is_valid_utf8(text)) return json::value(text);
    return json::value("base64:" + base::to_base64(text));
}

json::value headers_value(const net::headers& fields, bool credentials) {
    json::value out = json::value::object();
    for (const net::header_field& field : fields) {
        std::string name = lower_case(field.name);
        if (!credentials && is_credential(name)) continue;
        const json::value* before = out.find(name);
        if (before != nullptr && before->is_string()) {
            std::string both = before->as_string() + ", ";
            both.append(text_value(field.value).as_string());
            out.set(std::move(name), json::value(std::move(both)));
        } else {
            out.set(std::move(name), text_value(field.value));
        }
    }
    return out;
}

json::value query_value(const std::string& query) {
    json::value out = json::value::object();
    for (const auto& [name, content] : net::parse_query(query)) {
        if (base::is_valid_utf8(name)) out.set(name, text_value(content));
    }
    return out;
}

std::string rest_of_path(std::string_view path) {
    path.remove_prefix(hooks_prefix.size());
    const std::size_t slash = path.find('/');
    return slash == std::string_view::npos ? "/" : std::string(path.substr(slash));
}

bool says_json(std::string_view content_type) {
    const std::string type = lower_case(content_type.substr(0, content_type.find(';')));
    const std::size_t end = type.find_last_not_of(' ');
    const std::string_view trimmed =
        std::string_view(type).substr(0, end == std::string::npos ? 0 : end + 1);
    return trimmed == "application/json" || trimmed.ends_with("+json");
}

json::value common_form(const net::http_request& request, bool credentials) {
    return json::value::object({{"method", request.method},
                                {"path", rest_of_path(request.path)},
                                {"query", query_value(request.query)},
                                {"headers", headers_value(request.headers, credentials)}});
}

void set_raw_body(json::value& form, const std::string& body) {
    if (base::is_valid_utf8(body)) {
        form.set("body", json::value(body));
    } else {
        form.set("bodyBase64", json::value(base::to_base64(body)));
    }
}

}  // namespace

std::string_view token_of_path(std::string_view path) {
    if (!path.starts_with(hooks_prefix)) return {};
    path.remove_prefix(hooks_prefix.size());
    return path.substr(0, path.find('/'));
}

json::value raw_form(const net::http_request& request) {
    json::value form = common_form(request, true);
    set_raw_body(form, request.body);
    return form;
}

json::value form_with_body(const net::http_request& request, json::value body) {
    json::value form = common_form(request, false);
    form.set("body", std::move(body));
    return form;
}

base::result<json::value> payload_form(const net::http_request& request) {
    json::value form = common_form(request, false);
    if (!says_json(request.headers.get("content-type"))) {
        set_raw_body(form, request.body);
        return form;
    }
    base::result<json::value> body = json::parse(request.body);
    if (!body) return std::move(body).error_value();
    form.set("body", std::move(*body));
    return form;
}

}  // namespace sluice::trigger
