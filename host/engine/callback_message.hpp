// The request that tells a result or an alert to whoever wanted it, signed as Standard Webhooks
// describes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "json/value.hpp"
#include "net/http_client.hpp"

namespace sluice::engine {

// `id` identifies the message: the same over all tries. `secret` signs; none: the message goes
// unsigned. With the prefix "whsec_" the secret is the base64 of the key. No redirects are
// followed. Errors: an address that is no text, a secret that is empty or no base64.
base::result<net::client_request> make_callback(const json::value& url, const json::value& body,
                                                const std::string& id,
                                                const std::optional<json::value>& secret,
                                                std::int64_t now_ms);

}  // namespace sluice::engine
