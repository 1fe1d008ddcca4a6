// How the host gets the access token of a connection type: the section `oauth2` of its description
// (docs/descriptor.md).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/value.hpp"
#include "plugin/descriptor_checker.hpp"

namespace sluice::plugin {

struct oauth2_description {
    enum class grant_kind : std::uint8_t { authorization_code, client_credentials, jwt_bearer };
    enum class client_proof : std::uint8_t { basic, post, none };

    grant_kind grant = grant_kind::authorization_code;
    client_proof proof = client_proof::basic;
    // Each may have {name} in it, the text of a field of the connection.
    std::string authorize_url;  // authorization_code only
    std::string token_url;
    std::string revoke_url;           // empty: the provider has none
    std::vector<std::string> scopes;  // when the connection names none
    std::vector<std::pair<std::string, std::string>> authorize_parameters;  // more of them
    // Fields that the answer with a token fills when the connection does not: field, member.
    std::vector<std::pair<std::string, std::string>> from_token;
};

// "authorizationCode", "clientCredentials", "jwtBearer".
std::string_view to_string(oauth2_description::grant_kind grant);

// The names in braces, in order. Of an address that was checked.
std::vector<std::string> fields_of_address(std::string_view address);

// `section` stands at `key`; `fields` is the JSON Schema of the connection's fields.
oauth2_description read_oauth2(descriptor_checker& check, const std::string& key,
                               const json::value& section, const json::value& fields);

}  // namespace sluice::plugin
