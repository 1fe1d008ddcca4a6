#include "trigger/payload.hpp"

#include <algorithm>
#include <optional>
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

// In lower case, without parameters.
std::string media_type(const net::http_request& request) {
    const std::string_view field = request.headers.get("content-type");
    std::string type = lower_case(field.substr(0, field.find(';')));
    type.resize(type.find_last_not_of(' ') + 1);
    return type;
}

bool has_json(const net::http_request& request) {
    const std::string type = media_type(request);
    return type == "application/json" || type.ends_with("+json");
}

// Each is looked for among those before it.
constexpr std::size_t most_fields = 1'000;

std::optional<std::string> decode_field(std::string_view text) {
    std::string spaced(text);
    std::ranges::replace(spaced, '+', ' ');
    std::optional<std::string> plain = net::percent_decode(spaced);
    if (plain && !base::is_valid_utf8(*plain)) plain.reset();
    return plain;
}

void add_field(json::value& to, std::string name, std::string content) {
    const json::value* before = to.find(name);
    if (before == nullptr) return to.set(std::move(name), json::value(std::move(content)));
    json::value all = before->is_array() ? *before : json::value::array({*before});
    all.push(json::value(std::move(content)));
    to.set(std::move(name), std::move(all));
}

base::result<json::value> parse_form(std::string_view body) {
    json::value out = json::value::object();
    for (std::size_t field = 1; !body.empty();) {
        const std::string_view part = body.substr(0, body.find('&'));
        body.remove_prefix(std::min(part.size() + 1, body.size()));
        if (part.empty()) continue;
        if (field > most_fields) {
            return base::make_error(base::error_code::invalid_input,
                                    "it has more than 1000 fields");
        }
        const std::size_t equals = std::min(part.find('='), part.size());
        std::optional<std::string> name = decode_field(part.substr(0, equals));
        std::optional<std::string> content =
            decode_field(part.substr(std::min(equals + 1, part.size())));
        if (!name || !content) {
            return base::make_error(base::error_code::invalid_input,
                                    "field " + std::to_string(field) +
                                        " has a wrong escape, or bytes that are no UTF-8");
        }
        add_field(out, std::move(*name), std::move(*content));
        ++field;
    }
    return out;
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

bool has_form(const net::http_request& request) {
    return media_type(request) == "application/x-www-form-urlencoded";
}

base::result<json::value> payload_form(const net::http_request& request, form_bodies forms) {
    json::value form = common_form(request, false);
    const bool is_json = has_json(request);
    if (!is_json && (forms == form_bodies::text || !has_form(request))) {
        set_raw_body(form, request.body);
        return form;
    }
    base::result<json::value> body = is_json ? json::parse(request.body) : parse_form(request.body);
    if (!body) return std::move(body).error_value();
    form.set("body", std::move(*body));
    return form;
}

}  // namespace sluice::trigger
