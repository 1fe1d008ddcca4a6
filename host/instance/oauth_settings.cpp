#include "instance/oauth_settings.hpp"

#include <utility>

#include "base/encoding.hpp"
#include "base/signing_key.hpp"
#include "instance/owner_id.hpp"
#include "json/text.hpp"
#include "net/url.hpp"

namespace sluice::instance {
namespace {

using client_proof = engine::token_request::client_proof;

constexpr const char* jwt_grant = "urn:ietf:params:oauth:grant-type:jwt-bearer";
constexpr std::int64_t assertion_s = 300;
constexpr std::int64_t revocation_ms = 10'000;
constexpr std::size_t largest_answer = 1u << 16;
// Of the fields, what the host alone needs.
constexpr const char* host_fields[] = {"clientSecret", "privateKey"};

base::error wrong(std::string message, std::string hint = {}) {
    return base::make_error(base::error_code::unsupported, std::move(message), std::move(hint));
}

// A field of the connection, or what its type says for connections without it.
std::string text_of(const json::value& fields, const json::value& schema, const char* name) {
    const json::value* found = fields.find(name);
    if (found == nullptr) found = &schema.get("properties").get(name).get("default");
    if (found->is_null()) return {};
    return found->is_string() ? found->as_string() : json::to_text(*found);
}

// With the fields in the places of their names.
base::result<std::string> filled(const std::string& address, const json::value& fields,
                                 const json::value& schema) {
    std::string out = address;
    for (const std::string& name : plugin::fields_of_address(address)) {
        std::string text = text_of(fields, schema, name.c_str());
        if (text.empty()) return wrong("`" + name + "` is missing");
        const std::string place = "{" + name + "}";
        const std::size_t at = out.find(place);
        const bool slash_follows = out.compare(at + place.size(), 1, "/") == 0;
        while (slash_follows && text.ends_with('/'))
            text.pop_back();
        out.replace(at, place.size(), text);
    }
    if (out.empty()) return out;
    const base::result<net::url> parsed = net::parse_url(out);
    if (!parsed) {
        return wrong("the address made of \"" + address +
                     "\" is none: " + parsed.error_value().message);
    }
    return out;
}

// A list, or words in one text; what the type says for a connection without any.
std::vector<std::string> scopes_of(const json::value& fields,
                                   const std::vector<std::string>& usual) {
    const json::value& given = fields.get("scopes");
    std::vector<std::string> out;
    if (given.is_array()) {
        for (const json::value& one : given.items()) {
            if (one.is_string()) out.push_back(one.as_string());
        }
    } else if (given.is_string()) {
        const std::string& words = given.as_string();
        for (std::size_t from = 0; from < words.size();) {
            const std::size_t to = std::min(words.find_first_of(" ,", from), words.size());
            if (to > from) out.push_back(words.substr(from, to - from));
            from = to + 1;
        }
    }
    return out.empty() ? usual : out;
}

void add_parameter(std::string& address, std::string_view name, std::string_view content) {
    address += address.find('?') == std::string::npos ? '?' : '&';
    address += net::percent_encode(name) + '=' + net::percent_encode(content);
}

}  // namespace

std::string connection_id::to_text() const {
    return "the connection \"" + name + "\" of " + owner_text(owner);
}

base::result<std::shared_ptr<const oauth_settings>> oauth_settings::read(
    connection_id id, const plugin::connection_description& type, const json::value& fields) {
    std::shared_ptr<oauth_settings> made(new oauth_settings);
    made->id_ = std::move(id);
    made->grant_ = type.oauth2->grant;
    for (const auto& step : {&oauth_settings::read_addresses, &oauth_settings::read_client}) {
        if (base::result<void> done = (made.get()->*step)(type, fields); !done) {
            base::error why = std::move(done).error_value();
            why.message = made->id_.to_text() + ": " + why.message;
            return why;
        }
    }
    made->shown_ = json::value::object();
    for (const auto& [name, content] : fields.members()) {
        bool shown = true;
        for (const char* const own : host_fields)
            shown = shown && name != own;
        if (shown) made->shown_.set(name, content);
    }
    for (const auto& [field, member] : type.oauth2->from_token) {
        const bool given = !fields.string_or(field, "").empty();
        if (!given) made->from_token_.emplace_back(field, member);
    }
    made->fingerprint_ = base::to_hex(base::sha256(json::to_text(
        json::value::array({std::string(plugin::to_string(made->grant_)), made->authorize_url_,
                            made->token_url(), made->client_.client_id, made->scope_text(),
                            made->issuer_, made->subject_, made->audience_}))));
    return std::shared_ptr<const oauth_settings>(std::move(made));
}

base::result<void> oauth_settings::read_addresses(const plugin::connection_description& type,
                                                  const json::value& fields) {
    const plugin::oauth2_description& from = *type.oauth2;
    const std::pair<const std::string*, std::string*> all[] = {
        {&from.authorize_url, &authorize_url_},
        {&from.token_url, &client_.address},
        {&from.revoke_url, &revoke_url_}};
    for (const auto& [address, to] : all) {
        base::result<std::string> made = filled(*address, fields, type.fields);
        if (!made) return std::move(made).error_value();
        *to = std::move(*made);
    }
    authorize_parameters_ = from.authorize_parameters;
    return {};
}

base::result<void> oauth_settings::read_client(const plugin::connection_description& type,
                                               const json::value& fields) {
    const auto text = [&](const char* name) { return text_of(fields, type.fields, name); };
    using described = plugin::oauth2_description::client_proof;
    client_.client_id = text("clientId");
    client_.client_secret = text("clientSecret");
    client_.scopes = scopes_of(fields, type.oauth2->scopes);
    switch (type.oauth2->proof) {
        case described::basic:
            client_.proof = client_proof::secret_basic;
            break;
        case described::post:
            client_.proof = client_proof::secret_post;
            break;
        case described::none:
            client_.proof = client_proof::none;
            break;
    }
    if (grant_ == grant_kind::jwt_bearer) {
        issuer_ = text("issuer").empty() ? client_.client_id : text("issuer");
        subject_ = text("subject").empty() ? issuer_ : text("subject");
        audience_ = text("audience").empty() ? token_url() : text("audience");
        key_id_ = text("keyId");
        private_key_ = text("privateKey");
        if (issuer_.empty()) return wrong("`issuer` is missing");
        const auto key = base::signing_key::parse(private_key_);
        if (!key)
            return wrong("`privateKey`: " + key.error_value().message, key.error_value().hint);
    } else if (client_.client_id.empty()) {
        return wrong("`clientId` is missing");
    }
    if (client_.proof != client_proof::none && client_.client_secret.empty()) {
        return wrong("`clientSecret` is missing");
    }
    return {};
}

std::string oauth_settings::scope_text() const {
    std::string out;
    for (const std::string& one : client_.scopes)
        out += (out.empty() ? "" : " ") + one;
    return out;
}

std::string oauth_settings::authorize_address(const std::string& redirect_uri,
                                              const std::string& state,
                                              const std::string& challenge) const {
    std::string out = authorize_url_;
    add_parameter(out, "response_type", "code");
    add_parameter(out, "client_id", client_.client_id);
    add_parameter(out, "redirect_uri", redirect_uri);
    if (!client_.scopes.empty()) add_parameter(out, "scope", scope_text());
    add_parameter(out, "state", state);
    add_parameter(out, "code_challenge", challenge);
    add_parameter(out, "code_challenge_method", "S256");
    for (const auto& [name, content] : authorize_parameters_)
        add_parameter(out, name, content);
    return out;
}

base::result<std::string> oauth_settings::assertion(std::int64_t now_s,
                                                    const std::string& unique) const {
    const base::result<base::signing_key> key = base::signing_key::parse(private_key_);
    if (!key) return key.error_value();
    json::value head =
        json::value::object({{"alg", std::string(key->algorithm())}, {"typ", "JWT"}});
    if (!key_id_.empty()) head.set("kid", key_id_);
    json::value claims = json::value::object({{"iss", issuer_},
                                              {"sub", subject_},
                                              {"aud", audience_},
                                              {"jti", unique},
                                              {"iat", now_s},
                                              {"exp", now_s + assertion_s}});
    // Some providers look for them here.
    if (!client_.scopes.empty()) claims.set("scope", scope_text());
    const std::string text =
        base::to_base64url(json::to_text(head)) + '.' + base::to_base64url(json::to_text(claims));
    return text + '.' + base::to_base64url(key->sign(text));
}

base::result<engine::token_request> oauth_settings::own_request(std::int64_t now_s,
                                                                const std::string& unique) const {
    engine::token_request out = client_;
    out.grant = "client_credentials";
    if (grant_ == grant_kind::jwt_bearer) {
        base::result<std::string> made = assertion(now_s, unique);
        if (!made) return std::move(made).error_value();
        out.grant = jwt_grant;
        out.more = {{"assertion", std::move(*made)}};
    }
    return out;
}

engine::token_request oauth_settings::refresh_request(std::string_view refresh_token) const {
    engine::token_request out = client_;
    out.grant = "refresh_token";
    out.subject.text = std::string(refresh_token);
    // The same ones as before (RFC 6749, section 6); some providers refuse to hear them again.
    out.scopes.clear();
    return out;
}

engine::token_request oauth_settings::code_request(std::string code, std::string verifier,
                                                   std::string redirect_uri) const {
    engine::token_request out = client_;
    out.grant = "authorization_code";
    out.scopes.clear();
    out.more = {{"code", std::move(code)},
                {"redirect_uri", std::move(redirect_uri)},
                {"code_verifier", std::move(verifier)}};
    return out;
}

net::client_request oauth_settings::revocation(std::string_view token, const char* kind) const {
    engine::token_request like = client_;
    like.scopes.clear();
    like.more = {{"token", std::string(token)}, {"token_type_hint", kind}};
    net::client_request out = engine::make_token_request(like, revoke_url_);
    out.timeout_ms = revocation_ms;
    out.max_response_bytes = largest_answer;
    return out;
}

json::value oauth_settings::fields_of_token(const json::value& answer) const {
    constexpr std::size_t longest = 2048;
    json::value out = json::value::object();
    if (!answer.is_object()) return out;
    for (const auto& [field, member] : from_token_) {
        const std::string text = answer.string_or(member, "");
        if (!text.empty() && text.size() <= longest) out.set(field, text);
    }
    return out;
}

std::string oauth_settings::connection_json(std::string_view access_token,
                                            const json::value& found) const {
    json::value out = shown_;
    // Of what came with a token, what is still asked for: the connector may be another version.
    for (const auto& [field, member] : from_token_) {
        if (const json::value& content = found.get(field); content.is_string()) {
            out.set(field, content);
        }
    }
    out.set("accessToken", std::string(access_token));
    out.set("tokenType", "Bearer");
    return json::to_text(out);
}

}  // namespace sluice::instance
