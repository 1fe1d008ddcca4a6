// What a request of the host proves itself with.
#pragma once

#include <string>
#include <vector>

#include "base/result.hpp"
#include "engine/token_request.hpp"
#include "json/value.hpp"
#include "manifest/task.hpp"

namespace sluice::engine {

struct credentials {
    manifest::authentication::kind type = manifest::authentication::kind::none;
    std::string field;           // basic, bearer: of Authorization
    std::string user, password;  // digest
    token_request token;         // oauth2, oidc
    json::value shown;           // $authorization: names in the places of secrets
};

// `content` is what `how` gives, secrets in their places; `shown` the same with their names. Errors
// name no value.
base::result<credentials> read_credentials(const manifest::authentication& how,
                                           const json::value& content, const json::value& shown);

// What must not come to rest of a secret that an authentication may name: the whole text, and each
// password, token, client secret and assertion in it.
std::vector<std::string> texts_to_hide(const json::value& secret);

}  // namespace sluice::engine
