// What an authority answers: a token, or why there is none.
#include <charconv>
#include <utility>

#include "base/encoding.hpp"
#include "base/log_secrets.hpp"
#include "engine/http_message.hpp"
#include "engine/token_request.hpp"
#include "json/text.hpp"
#include "net/http_types.hpp"
#include "net/url.hpp"

namespace sluice::engine {
namespace {

constexpr std::size_t longest_reason = 300;
constexpr std::int64_t longest_life_s = 3'650LL * 86'400;
constexpr int bad_gateway = 502;

fault make_fault(std::string_view type, int status, std::string title, std::string detail) {
    fault out;
    out.type = manifest::standard_error_type(type);
    out.status = status;
    out.title = std::move(title);
    out.detail = std::move(detail);
    return out;
}

fault not_understood(const std::string& from, const std::string& why) {
    return make_fault("communication", bad_gateway, "Not the answer of an authority",
                      address_of(from) + " " + why);
}

fault not_reached(const std::string& from, const base::error& why) {
    fault out = fault_of_call(why, 0, {});
    out.detail = "no access token from " + address_of(from) + ": " + out.detail;
    return out;
}

// A server may repeat what it was sent.
std::string without_secrets(const token_request& of, std::string text) {
    base::log_secrets secrets;
    for (const std::string* const each :
         {&of.client_secret, &of.client_assertion, &of.password, &of.subject.text})
        secrets.add(*each);
    if (of.actor) secrets.add(of.actor->text);
    for (const auto& [name, content] : of.more) {
        if (name != "redirect_uri") secrets.add(content);
    }
    return secrets.replace(std::move(text));
}

// At most so long, and on one line.
std::string short_text(const token_request& of, const json::value& content) {
    if (!content.is_string()) return {};
    // Before it is cut: of half a secret nobody knows what it is.
    std::string text = without_secrets(of, content.as_string()).substr(0, longest_reason);
    text.resize(base::valid_utf8_length(text));
    for (char& c : text) {
        if (static_cast<unsigned char>(c) < ' ') c = ' ';
    }
    return text;
}

bool succeeded(const net::client_response& response) {
    return response.status >= 200 && response.status < 300;
}

fault refusal(const token_request& of, const std::string& from,
              const net::client_response& response, const json::value& body) {
    std::string reason = short_text(of, body.get("error"));
    const std::string more = short_text(of, body.get("error_description"));
    if (!more.empty()) reason += (reason.empty() ? "" : ": ") + more;
    // Some authorities refuse with status 200.
    const bool says_ok = succeeded(response);
    const bool refuses =
        says_ok || response.status == 400 || response.status == 401 || response.status == 403;
    fault out = make_fault(
        refuses ? "authentication" : "communication", says_ok ? 401 : response.status,
        refuses ? "Access token refused" : std::string(net::reason_phrase(response.status)),
        address_of(from) + " gave no access token but status " + std::to_string(response.status));
    if (out.title.empty()) out.title = "No access token";
    if (!reason.empty()) out.detail += ": " + reason;
    return out;
}

// Who a JWT says that made it; nothing for tokens that nobody but their server can read.
std::optional<std::string> issuer_of(const std::string& token) {
    const std::size_t from = token.find('.');
    const std::size_t to = from == token.npos ? from : token.find('.', from + 1);
    if (to == token.npos) return std::nullopt;
    std::string text = token.substr(from + 1, to - from - 1);
    for (char& c : text) {
        if (c == '-') c = '+';
        if (c == '_') c = '/';
    }
    text.append((4 - text.size() % 4) % 4, '=');
    const std::optional<std::string> claims = base::from_base64(text);
    if (!claims) return std::nullopt;
    const base::result<json::value> parsed = json::parse(*claims);
    if (!parsed || !parsed->get("iss").is_string()) return std::nullopt;
    return parsed->get("iss").as_string();
}

std::optional<std::int64_t> lifetime_ms(const json::value& body) {
    const json::value& said = body.get("expires_in");
    if (said.is_null()) return std::nullopt;
    // A number, or (seen in the wild) its text.
    const std::string text = said.is_string() ? said.as_string() : json::to_text(said);
    double seconds = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (read.ec != std::errc() || !(seconds > 0)) return 0;
    if (seconds > static_cast<double>(longest_life_s)) return longest_life_s * 1000;
    return static_cast<std::int64_t>(seconds * 1000);
}

}  // namespace

or_fault<std::string> read_discovery(const token_request& of,
                                     const base::result<net::client_response>& answer) {
    if (!answer) return {{}, not_reached(of.address, answer.error_value())};
    const base::result<json::value> body = json::parse(answer->body);
    if (!succeeded(*answer)) {
        return {{}, refusal(of, of.address, *answer, body ? *body : json::value())};
    }
    const std::string endpoint = body ? body->string_or("token_endpoint", "") : std::string();
    if (endpoint.empty()) {
        return {{}, not_understood(of.address, "names no `token_endpoint`")};
    }
    // Credentials that were to travel encrypted do not go another way.
    if (of.address.starts_with("https://") && !endpoint.starts_with("https://")) {
        return {{}, not_understood(of.address, "names a `token_endpoint` without https")};
    }
    return {endpoint, {}};
}

or_fault<access_token> read_token(const token_request& of, const std::string& endpoint,
                                  const base::result<net::client_response>& answer) {
    if (!answer) return {{}, not_reached(endpoint, answer.error_value())};
    const base::result<json::value> parsed = json::parse(answer->body);
    const json::value body = parsed ? *parsed : json::value();
    if (!succeeded(*answer) || body.get("error").is_string()) {
        return {{}, refusal(of, endpoint, *answer, body)};
    }
    access_token made;
    made.text = body.is_object() ? body.string_or("access_token", "") : std::string();
    if (made.text.empty()) return {{}, not_understood(endpoint, "answered without `access_token`")};
    if (!net::is_valid_field("Authorization", made.text)) {
        return {{}, not_understood(endpoint, "gave a token that no request can carry")};
    }
    const std::string type = body.string_or("token_type", "Bearer");
    if (!net::equal_without_case(type, "Bearer")) {
        return {{}, not_understood(endpoint, "gave a token that is no bearer token")};
    }
    if (const auto issuer = issuer_of(made.text); issuer && !of.issuers.empty()) {
        bool known = false;
        for (const std::string& one : of.issuers)
            known = known || one == *issuer;
        if (!known) {
            return {{},
                    make_fault("authentication", 401, "Access token refused",
                               "the token from " + address_of(endpoint) +
                                   " was made by none of `issuers`")};
        }
    }
    made.lifetime_ms = lifetime_ms(body);
    made.next_refresh = body.string_or("refresh_token", "");
    return {std::move(made), {}};
}

}  // namespace sluice::engine
