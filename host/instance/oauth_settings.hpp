// What the host needs to get access tokens for one connection: the connector's section `oauth2`
// with the instance's fields in it.
#pragma once

#include <compare>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "engine/token_request.hpp"
#include "json/value.hpp"
#include "plugin/descriptor.hpp"

namespace sluice::instance {

struct connection_id {
    std::string owner;  // owner_id.hpp
    std::string name;   // in the manifest; of what is shared, in the owner's file
    auto operator<=>(const connection_id&) const = default;
    // `the connection "app" of instance "acme"`, `the connection "crm" of customer "acme"`
    std::string to_text() const;
};

class oauth_settings {
  public:
    using grant_kind = plugin::oauth2_description::grant_kind;

    // `fields` is the connection with its secrets. Errors name fields, never their values.
    static base::result<std::shared_ptr<const oauth_settings>> read(
        connection_id id, const plugin::connection_description& type, const json::value& fields);

    const connection_id& id() const { return id_; }
    grant_kind grant() const { return grant_; }
    // A person has to authorize it.
    bool by_person() const { return grant_ == grant_kind::authorization_code; }
    // Tells one set of tokens from another: they count for this provider, client and scopes only.
    // Says nothing of secrets.
    const std::string& fingerprint() const { return fingerprint_; }
    const std::string& token_url() const { return client_.address; }
    const std::string& revoke_url() const { return revoke_url_; }
    std::string scope_text() const;

    // Where a person goes; `challenge` is that of PKCE (S256).
    std::string authorize_address(const std::string& redirect_uri, const std::string& state,
                                  const std::string& challenge) const;
    // clientCredentials, jwtBearer. `unique` must never come twice; `now_s` is in seconds since
    // 1970.
    base::result<engine::token_request> own_request(std::int64_t now_s,
                                                    const std::string& unique) const;
    engine::token_request refresh_request(std::string_view refresh_token) const;
    engine::token_request code_request(std::string code, std::string verifier,
                                       std::string redirect_uri) const;
    // RFC 7009.
    net::client_request revocation(std::string_view token, const char* kind) const;

    // The fields that an answer with a token fills, as the connector says; those that the
    // connection has itself stay as they are. An object.
    json::value fields_of_token(const json::value& answer) const;
    // The connection as the connector gets it: JSON text, without what is for the host alone.
    // `found`: the fields that came with the token.
    std::string connection_json(std::string_view access_token, const json::value& found = {}) const;

  private:
    oauth_settings() = default;
    base::result<void> read_addresses(const plugin::connection_description& type,
                                      const json::value& fields);
    base::result<void> read_client(const plugin::connection_description& type,
                                   const json::value& fields);
    base::result<std::string> assertion(std::int64_t now_s, const std::string& unique) const;

    connection_id id_;
    grant_kind grant_ = grant_kind::authorization_code;
    engine::token_request client_;  // address, client, scopes; no grant
    std::string authorize_url_, revoke_url_;
    std::vector<std::pair<std::string, std::string>> authorize_parameters_;
    std::string issuer_, subject_, audience_, key_id_, private_key_;  // jwtBearer
    json::value shown_;  // to the connector, but for the token
    std::vector<std::pair<std::string, std::string>> from_token_;  // field, member
    std::string fingerprint_;
};

}  // namespace sluice::instance
