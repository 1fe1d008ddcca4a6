// The ways in which a call of the host proves who it is.
#include <array>
#include <utility>

#include "expression/suggestion.hpp"
#include "manifest/use_reader.hpp"

namespace sluice::manifest {
namespace {

using kind = authentication::kind;

constexpr std::array<std::pair<std::string_view, kind>, 5> kinds = {{{"basic", kind::basic},
                                                                     {"bearer", kind::bearer},
                                                                     {"digest", kind::digest},
                                                                     {"oauth2", kind::oauth2},
                                                                     {"oidc", kind::oidc}}};

constexpr std::string_view token_exchange = "urn:ietf:params:oauth:grant-type:token-exchange";

void need(const cursor& of, std::string_view name, std::string_view what) {
    if (of.member(name).exists() || of.member(name).is_mistyped()) return;
    const bool vowel = std::string_view("aeiou").find(name.front()) != std::string_view::npos;
    of.problem(std::string(what) + (vowel ? " needs an `" : " needs a `") + std::string(name) +
               "`");
}

void check_list(const cursor& at, std::string_view what) {
    // An expression may give the list.
    if (at.exists() && !at.content().is_string()) at.is_array(what);
}

void check_security_token(const cursor& at, std::string_view what) {
    if (!at.exists() || !at.is_object(what)) return;
    at.refuse_unknown(what, {"token", "type"});
    need(at, "token", what);
    need(at, "type", what);
}

void check_client(const cursor& of) {
    const cursor client = of.member("client");
    if (client.exists() && !client.is_object("client")) return;
    client.refuse_unknown("client", {"id", "secret", "assertion", "authentication"});
    const std::optional<std::string> how =
        client.member("authentication")
            .one_of("way to authenticate a client",
                    {"client_secret_basic", "client_secret_post", "client_secret_jwt",
                     "private_key_jwt", "none"});
    if (how == "none") return;
    if (!client.member("id").exists()) {
        of.problem("the client needs an `id`", "write client: { id: ..., secret: ... }");
        return;
    }
    if (how == "client_secret_basic" || how == "client_secret_jwt") need(client, "secret", *how);
    if (how == "private_key_jwt") need(client, "assertion", *how);
}

void check_grant(const cursor& of) {
    const std::optional<std::string> grant = of.member("grant").one_of(
        "grant",
        {"authorization_code", "client_credentials", "password", "refresh_token", token_exchange});
    if (grant == "authorization_code") {
        of.member("grant").problem(
            "the grant authorization_code needs a person at a browser, and nobody is there when a "
            "flow runs",
            "use client_credentials, or refresh_token with a token that a person has allowed");
    } else if (grant == "password") {
        need(of, "username", "the grant password");
        need(of, "password", "the grant password");
    } else if (grant == "refresh_token") {
        if (!of.member("subject").exists()) {
            of.problem("the grant refresh_token needs a `subject`",
                       "its `token` is the refresh token");
        }
    } else if (grant == token_exchange) {
        need(of, "subject", "a token exchange");
    }
}

void check_authority(const cursor& at, authentication& made) {
    const std::optional<std::string> text = at.text("authority");
    if (!text || expression_inside(*text)) return;
    made.fills_authority = text->find('{') != std::string::npos;
    if (text->starts_with("http://") || text->starts_with("https://") || text->starts_with("{")) {
        return;
    }
    at.problem("\"" + *text + "\" is not an address", "begin with https:// or http://");
}

void check_oauth(const cursor& at, std::string_view what, authentication& made,
                 const expression_context& context) {
    const bool oauth2 = made.type == kind::oauth2;
    if (oauth2) {
        at.refuse_unknown(
            what, {"authority", "endpoints", "grant", "client", "request", "issuers", "scopes",
                   "audiences", "username", "password", "subject", "actor"});
    } else {
        at.refuse_unknown(what, {"authority", "grant", "client", "request", "issuers", "scopes",
                                 "audiences", "username", "password", "subject", "actor"});
    }
    need(at, "authority", what);
    need(at, "grant", what);
    const bool is_reference = context.references && at.member("authority").content().is_object();
    if (!is_reference && !context.loose) check_authority(at.member("authority"), made);
    const cursor endpoints = at.member("endpoints");
    if (oauth2 && endpoints.exists() && endpoints.is_object("endpoints")) {
        endpoints.refuse_unknown("endpoints", {"token", "revocation", "introspection"});
    }
    check_grant(at);
    check_client(at);
    const cursor request = at.member("request");
    if (request.exists() && request.is_object("request")) {
        request.refuse_unknown("request", {"encoding"});
        request.member("encoding")
            .one_of("encoding", {"application/x-www-form-urlencoded", "application/json"});
    }
    check_list(at.member("scopes"), "scopes");
    check_list(at.member("audiences"), "audiences");
    check_list(at.member("issuers"), "issuers");
    check_security_token(at.member("subject"), "subject");
    check_security_token(at.member("actor"), "actor");
}

// `basic: { use: name }`: the secret has all of it.
void read_secret(const cursor& at, use_parts& use, authentication& made) {
    at.refuse_unknown("an authentication with a secret", {"use"});
    const cursor named = at.member("use");
    const std::optional<std::string> name = named.text("the name of a secret", true);
    if (!name) return;
    if (!use.secrets.contains(*name)) {
        const std::vector<std::string> known(use.secrets.begin(), use.secrets.end());
        std::string hint = expression::did_you_mean(*name, known);
        if (hint.empty()) {
            hint = use.plain ? "list it in `use: secrets:`"
                             : "declare it: config: { " + *name + ": { type: secret } }";
        }
        named.problem("there is no secret \"" + *name + "\"", std::move(hint));
        return;
    }
    use.used.insert("secrets/" + *name);
    made.secret = *name;
    made.content = template_value::reference(*name);
}

void read_kind(const cursor& at, std::string_view what, use_parts& use,
               const expression_context& context, authentication& made) {
    if (!at.is_object(what)) return;
    if (at.member("use").exists()) return read_secret(at, use, made);
    switch (made.type) {
        case kind::none:
            return;
        case kind::basic:
        case kind::digest:
            at.refuse_unknown(what, {"username", "password"});
            need(at, "username", what);
            need(at, "password", what);
            break;
        case kind::bearer:
            at.refuse_unknown(what, {"token"});
            need(at, "token", what);
            break;
        case kind::oauth2:
        case kind::oidc:
            check_oauth(at, what, made, context);
            break;
    }
    made.content = read_template(at, context, true);
}

}  // namespace

authentication read_proof(const cursor& at, use_parts& use, const expression_context& context) {
    authentication made;
    if (!at.is_object("authentication")) return made;
    at.refuse_unknown("authentication", {"basic", "bearer", "digest", "oauth2", "oidc"});
    std::size_t given = 0;
    for (const auto& [name, type] : kinds) {
        if (!at.member(name).exists()) continue;
        if (++given == 1) made.type = type;
    }
    // A kind that is unknown has been named; one mistake is one problem.
    if (given == 0 && at.content().size() > 0) return {};
    if (given != 1) {
        at.problem("authentication has one kind: basic, bearer, digest, oauth2 or oidc",
                   "for example bearer: { token: { $ref: config.token } }");
        return {};
    }
    for (const auto& [name, type] : kinds) {
        if (type == made.type) read_kind(at.member(name), name, use, context, made);
    }
    return made;
}

authentication read_authentication(const cursor& at, use_parts& use,
                                   const expression_context& context) {
    if (!at.exists()) return {};
    // The specification writes { use: name }; older texts have the bare name.
    const cursor named = at.content().is_string() ? at : at.member("use");
    if (!named.exists()) return read_proof(at, use, context);
    const std::optional<std::string> name = named.text("the name of an authentication", true);
    if (!name) return {};
    if (at.content().is_object()) at.refuse_unknown("authentication", {"use"});
    const auto found = use.authentications.find(*name);
    if (found != use.authentications.end()) {
        use.used.insert("authentications/" + *name);
        return found->second;
    }
    std::vector<std::string> known;
    for (const auto& [each, ignored] : use.authentications)
        known.push_back(each);
    // What was meant is used, too.
    const std::string near = expression::nearest(*name, known);
    if (!near.empty()) use.used.insert("authentications/" + near);
    std::string hint = expression::did_you_mean(*name, known);
    if (hint.empty()) hint = "declare it below `use: authentications:`";
    named.problem("there is no authentication \"" + *name + "\"", std::move(hint));
    return {};
}

}  // namespace sluice::manifest
