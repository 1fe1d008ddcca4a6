// Digest authentication of HTTP (RFC 7616, and its forerunner RFC 2069 without `qop`): the answer
// to a server's challenge.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "net/http_headers.hpp"

namespace sluice::net {

struct digest_challenge {
    enum class hash { md5, sha256 };
    hash algorithm = hash::md5;
    std::string algorithm_name;  // as the server wrote it; empty: it said nothing
    bool session = false;        // MD5-sess, SHA-256-sess
    bool qop = false;            // the server offers qop=auth; false: as in RFC 2069
    bool hash_user = false;      // userhash=true
    bool stale = false;          // user and password were right, the nonce is too old
    std::string realm;
    std::string nonce;
    std::optional<std::string> opaque;
};

// The first challenge in the WWW-Authenticate fields that can be answered: one of another scheme,
// of an unknown algorithm, without a nonce or with qop=auth-int alone is passed over.
std::optional<digest_challenge> find_digest_challenge(const headers& fields);

struct digest_credentials {
    std::string_view user;
    std::string_view password;
};

// The Authorization field for the first request with this nonce. `target` is the path and query as
// they go on the wire; `client_nonce` must not be guessable and holds no quotes or backslashes.
std::string digest_authorization(const digest_challenge& challenge,
                                 const digest_credentials& credentials, std::string_view method,
                                 std::string_view target, std::string_view client_nonce);

}  // namespace sluice::net
