#include "engine/token_request.hpp"

#include <algorithm>
#include <array>

#include "base/encoding.hpp"
#include "json/text.hpp"
#include "net/url.hpp"

namespace sluice::engine {
namespace {

using client_proof = token_request::client_proof;

constexpr std::int64_t fetch_ms = 30'000;
constexpr std::int64_t assertion_s = 300;  // how long a client's own JWT is valid
constexpr std::size_t largest_answer = 1u << 20;

constexpr std::string_view token_exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
constexpr std::string_view jwt_assertion = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
constexpr std::string_view discovery_path = "/.well-known/openid-configuration";

constexpr std::array<std::pair<std::string_view, client_proof>, 5> client_proofs = {
    {{"client_secret_basic", client_proof::secret_basic},
     {"client_secret_post", client_proof::secret_post},
     {"client_secret_jwt", client_proof::secret_jwt},
     {"private_key_jwt", client_proof::private_key_jwt},
     {"none", client_proof::none}}};

base::error wrong(const std::string& what, std::string hint = {}) {
    return base::make_error(base::error_code::invalid_input, what, std::move(hint));
}

std::string text_of(const json::value& content) {
    if (content.is_null()) return {};
    return content.is_string() ? content.as_string() : json::to_text(content);
}

std::vector<std::string> texts_of(const json::value& list) {
    std::vector<std::string> made;
    if (list.is_array()) {
        for (const json::value& one : list.items())
            made.push_back(text_of(one));
    } else if (!list.is_null()) {
        made.push_back(text_of(list));
    }
    return made;
}

token_request::security_token token_of(const json::value& object) {
    return {text_of(object.get("token")), text_of(object.get("type"))};
}

// `path` behind the authority's own, unless it is an address of its own.
std::string endpoint_below(std::string authority, std::string_view path) {
    if (path.starts_with("http://") || path.starts_with("https://")) return std::string(path);
    while (authority.ends_with('/'))
        authority.pop_back();
    while (path.starts_with('/'))
        path.remove_prefix(1);
    return authority + '/' + std::string(path);
}

base::result<void> check_grant(const token_request& made) {
    if (made.grant == "client_credentials") return {};
    if (made.grant == "password") {
        if (!made.username.empty() && !made.password.empty()) return {};
        return wrong("the grant password needs `username` and `password`");
    }
    if (made.grant == "refresh_token") {
        if (!made.subject.text.empty()) return {};
        return wrong("the grant refresh_token needs `subject`, whose `token` is the refresh token");
    }
    if (made.grant == token_exchange) {
        if (!made.subject.text.empty() && !made.subject.type.empty()) return {};
        return wrong("a token exchange needs `subject` with `token` and `type`");
    }
    if (made.grant == "authorization_code") {
        return wrong("the grant authorization_code needs a person at a browser",
                     "use client_credentials or refresh_token");
    }
    return wrong(
        made.grant.empty() ? "`grant` is missing" : "there is no such grant",
        "use client_credentials, password, refresh_token or " + std::string(token_exchange));
}

base::result<void> check_client(const token_request& made) {
    if (made.client_id.empty() && made.proof != client_proof::none) {
        return wrong("`client.id` is missing", "or write client: { authentication: none }");
    }
    const bool needs_secret =
        made.proof == client_proof::secret_basic || made.proof == client_proof::secret_jwt;
    if (needs_secret && made.client_secret.empty()) return wrong("`client.secret` is missing");
    if (made.proof == client_proof::private_key_jwt && made.client_assertion.empty()) {
        return wrong("private_key_jwt needs `client.assertion`, a signed JWT");
    }
    return {};
}

using parameters = std::vector<std::pair<std::string, std::string>>;

std::string form(const parameters& all) {
    std::string text;
    for (const auto& [name, content] : all) {
        if (!text.empty()) text += '&';
        text += net::percent_encode(name) + '=' + net::percent_encode(content);
    }
    return text;
}

// What comes several times is a list.
std::string json_text(const parameters& all) {
    json::value object = json::value::object();
    for (const auto& [name, content] : all) {
        const json::value* const before = object.find(name);
        if (before == nullptr) {
            object.set(name, content);
        } else if (before->is_array()) {
            json::value longer = *before;
            longer.push(content);
            object.set(name, std::move(longer));
        } else {
            object.set(name, json::value::array({*before, json::value(content)}));
        }
    }
    return json::to_text(object);
}

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const std::string& word : words)
        text += (text.empty() ? "" : " ") + word;
    return text;
}

// RFC 7523, signed with the client's secret.
std::string own_assertion(const token_request& of, const std::string& endpoint, std::int64_t now_s,
                          const std::string& unique) {
    const json::value head = json::value::object({{"alg", "HS256"}, {"typ", "JWT"}});
    const json::value claims = json::value::object({{"iss", of.client_id},
                                                    {"sub", of.client_id},
                                                    {"aud", endpoint},
                                                    {"jti", unique},
                                                    {"iat", now_s},
                                                    {"exp", now_s + assertion_s}});
    const std::string text =
        base::to_base64url(json::to_text(head)) + '.' + base::to_base64url(json::to_text(claims));
    return text + '.' + base::to_base64url(base::hmac_sha256(of.client_secret, text));
}

void add_client(const token_request& of, parameters& all, net::headers& fields) {
    if (of.proof == client_proof::secret_basic) {
        fields.set("Authorization",
                   "Basic " + base::to_base64(net::percent_encode(of.client_id) + ':' +
                                              net::percent_encode(of.client_secret)));
        return;
    }
    if (!of.client_id.empty()) all.emplace_back("client_id", of.client_id);
    if (of.proof == client_proof::secret_post && !of.client_secret.empty()) {
        all.emplace_back("client_secret", of.client_secret);
    }
    if (of.proof == client_proof::secret_jwt || of.proof == client_proof::private_key_jwt) {
        all.emplace_back("client_assertion_type", jwt_assertion);
        all.emplace_back("client_assertion", of.client_assertion);
    }
}

}  // namespace

base::result<token_request> read_token_request(manifest::authentication::kind type,
                                               const json::value& members) {
    if (!members.is_object()) return wrong("the members authority, grant, client ... are missing");
    token_request made;
    const bool oidc = type == manifest::authentication::kind::oidc;
    made.key = base::to_hex(base::sha256((oidc ? "oidc " : "oauth2 ") + json::to_text(members)));
    const std::string authority = text_of(members.get("authority"));
    if (!authority.starts_with("http://") && !authority.starts_with("https://")) {
        return wrong("`authority` is no address", "it begins with https:// or http://");
    }
    if (oidc) {
        made.discovers = true;
        made.address = authority.ends_with(discovery_path)
                           ? authority
                           : endpoint_below(authority, discovery_path);
    } else {
        const std::string path = text_of(members.get("endpoints").get("token"));
        made.address = endpoint_below(authority, path.empty() ? "oauth2/token" : path);
    }
    made.grant = text_of(members.get("grant"));
    const json::value& client = members.get("client");
    made.client_id = text_of(client.get("id"));
    made.client_secret = text_of(client.get("secret"));
    made.client_assertion = text_of(client.get("assertion"));
    if (const std::string name = text_of(client.get("authentication")); !name.empty()) {
        const auto known = std::find_if(client_proofs.begin(), client_proofs.end(),
                                        [&](const auto& each) { return each.first == name; });
        if (known == client_proofs.end()) {
            return wrong("`client.authentication` is none that there is");
        }
        made.proof = known->second;
    }
    const std::string encoding = text_of(members.get("request").get("encoding"));
    made.as_json = encoding == "application/json";
    if (!made.as_json && !encoding.empty() && encoding != "application/x-www-form-urlencoded") {
        return wrong("`request.encoding` is none that there is");
    }
    made.scopes = texts_of(members.get("scopes"));
    made.audiences = texts_of(members.get("audiences"));
    made.issuers = texts_of(members.get("issuers"));
    made.username = text_of(members.get("username"));
    made.password = text_of(members.get("password"));
    made.subject = token_of(members.get("subject"));
    if (members.get("actor").is_object()) made.actor = token_of(members.get("actor"));
    if (auto checked = check_grant(made); !checked) return std::move(checked).error_value();
    if (auto checked = check_client(made); !checked) return std::move(checked).error_value();
    return made;
}

net::client_request make_discovery(const token_request& of) {
    net::client_request out;
    out.url = of.address;
    out.headers.set("Accept", "application/json");
    out.follow_redirects = true;
    out.timeout_ms = fetch_ms;
    out.max_response_bytes = largest_answer;
    return out;
}

token_request with_own_assertion(token_request of, const std::string& endpoint, std::int64_t now_s,
                                 const std::string& unique) {
    if (of.proof == client_proof::secret_jwt) {
        of.client_assertion = own_assertion(of, endpoint, now_s, unique);
    }
    return of;
}

net::client_request make_token_request(const token_request& of, const std::string& endpoint) {
    net::client_request out;
    parameters all;
    if (!of.grant.empty()) all.emplace_back("grant_type", of.grant);
    add_client(of, all, out.headers);
    if (of.grant == "password") {
        all.emplace_back("username", of.username);
        all.emplace_back("password", of.password);
    } else if (of.grant == "refresh_token") {
        all.emplace_back("refresh_token", of.subject.text);
    } else if (of.grant == token_exchange) {
        all.emplace_back("subject_token", of.subject.text);
        all.emplace_back("subject_token_type", of.subject.type);
        if (of.actor) {
            all.emplace_back("actor_token", of.actor->text);
            all.emplace_back("actor_token_type", of.actor->type);
        }
    }
    if (!of.scopes.empty()) all.emplace_back("scope", joined(of.scopes));
    for (const std::string& audience : of.audiences)
        all.emplace_back("audience", audience);
    all.insert(all.end(), of.more.begin(), of.more.end());
    out.method = "POST";
    out.url = endpoint;
    out.headers.set("Accept", "application/json");
    out.headers.set("Content-Type",
                    of.as_json ? "application/json" : "application/x-www-form-urlencoded");
    out.body = of.as_json ? json_text(all) : form(all);
    out.timeout_ms = fetch_ms;
    out.max_response_bytes = largest_answer;
    return out;
}

}  // namespace sluice::engine
