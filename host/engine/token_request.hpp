// OAuth 2.0: from the members of an `oauth2` or `oidc` authentication to the request of a token
// (RFC 6749, RFC 7523, RFC 8693), and from the answer to the token.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "engine/fault.hpp"
#include "json/value.hpp"
#include "manifest/task.hpp"
#include "net/http_client.hpp"

namespace sluice::engine {

struct token_request {
    enum class client_proof { secret_basic, secret_post, secret_jwt, private_key_jwt, none };
    struct security_token {
        std::string text;
        std::string type;
    };

    std::string key;         // the same for the same members; tells nothing about them
    std::string address;     // of the token endpoint, or ...
    bool discovers = false;  // ... OpenID Connect: of the document that names it
    std::string grant;
    client_proof proof = client_proof::secret_post;
    std::string client_id, client_secret, client_assertion;
    bool as_json = false;
    std::vector<std::string> scopes, audiences, issuers;
    std::string username, password;       // password
    security_token subject;               // token exchange; the refresh token of refresh_token
    std::optional<security_token> actor;  // token exchange
    // More parameters. What they say is told in no error, but for the redirect_uri.
    std::vector<std::pair<std::string, std::string>> more;
};

struct access_token {
    std::string text;
    std::optional<std::int64_t> lifetime_ms;  // none: the server did not say; 0: for one use
    std::string next_refresh;                 // replaces the refresh token; empty: it stays
};

// Either of them.
template <class T>
struct or_fault {
    T content;
    std::optional<fault> refused;  // without `instance`
};

// `members` as the specification names them, secrets in their places. Errors say what is missing or
// cannot be, and name no value.
base::result<token_request> read_token_request(manifest::authentication::kind type,
                                               const json::value& members);

// The request of the document that names the token endpoint, and the endpoint that is in it.
net::client_request make_discovery(const token_request& of);
or_fault<std::string> read_discovery(const token_request& of,
                                     const base::result<net::client_response>& answer);

// With client_secret_jwt: signed for one request, as `client_assertion`. `unique` must never come
// twice; `now_s` is in seconds since 1970. Others stay as they are.
token_request with_own_assertion(token_request of, const std::string& endpoint, std::int64_t now_s,
                                 const std::string& unique);
net::client_request make_token_request(const token_request& of, const std::string& endpoint);
// A refusal tells the OAuth `error` and `error_description`, and no secret of the request.
or_fault<access_token> read_token(const token_request& of, const std::string& endpoint,
                                  const base::result<net::client_response>& answer);

}  // namespace sluice::engine
