// What is kept of a connection whose OAuth the host runs: its tokens, sealed, and how they came.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "instance/oauth_settings.hpp"
#include "instance/vault.hpp"
#include "json/value.hpp"

namespace sluice::instance {

// The kind of these records in the store's configuration; the key is "owner/connection".
inline constexpr const char* connection_kind = "connection";

struct connection_record {
    // error: the provider refused; `reason` says why.
    enum class state_kind : std::uint8_t { pending, active, error };

    state_kind state = state_kind::pending;
    std::string fingerprint;  // of the settings that the tokens belong to
    base::secret access, refresh;
    json::value found = json::value::object();  // fields that came with the access token
    std::int64_t issued_ms = 0;                 // the access token; 0: there never was one
    std::int64_t expires_ms = 0;                // 0: the provider does not say
    std::int64_t authorized_ms = 0;             // by a person; 0: never
    // Since then a refresh is under way whose answer is not here: the refresh token that is kept
    // may be used up. 0: none.
    std::int64_t asked_ms = 0;
    std::string reason;  // of the last refusal
    std::int64_t failed_ms = 0;

    // Another copy of the same.
    connection_record copy() const;

    // Tokens sealed for this owner, connection and field. not_found: the owner has no key.
    base::result<std::string> to_json(const connection_id& id, vault& keys) const;
    static base::result<connection_record> parse(const connection_id& id, const std::string& text,
                                                 const vault& keys);
};

const char* to_string(connection_record::state_kind state);

}  // namespace sluice::instance
