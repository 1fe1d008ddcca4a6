// Proof that a webhook request comes from who knows the secret: HMAC-SHA256 over the raw body, sent
// as "sha256=" and 64 hexadecimal digits. For actions with the flag `verifier`.
//
// Needs OpenSSL: give sluice_add_connector `LIBRARIES OpenSSL::Crypto`.
#pragma once

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sluice/encoding.hpp"
#include "sluice/failure.hpp"
#include "sluice/json.hpp"

namespace sluice {
inline namespace sdk {
// The bytes of HMAC (RFC 2104) with a digest of OpenSSL, like EVP_sha256().
inline std::string hmac(const EVP_MD* digest, std::string_view key, std::string_view content) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> made{};
    unsigned size = 0;
    const auto* bytes = reinterpret_cast<const unsigned char*>(content.data());
    if (HMAC(digest, key.data(), static_cast<int>(key.size()), bytes, content.size(), made.data(),
             &size) == nullptr) {
        throw failure(SLUICE_INTERNAL, "OpenSSL cannot compute an HMAC");
    }
    return {reinterpret_cast<const char*>(made.data()), size};
}

// The bytes as they were received, of the `request` that a verifier is given: "body", or
// "bodyBase64" when they are not UTF-8. SLUICE_INVALID_INPUT when it has neither.
inline std::string raw_webhook_body(const json& request) {
    if (request["body"].is_string()) return request["body"].as_string();
    if (request["bodyBase64"].is_string()) {
        if (auto bytes = base64_decode(request["bodyBase64"].as_string())) return std::move(*bytes);
    }
    throw failure(SLUICE_INVALID_INPUT, "'request' needs a 'body' or a 'bodyBase64'");
}

// The input's "secret", or "secrets" while one is being replaced by another. Missing and empty ones
// are left out, because anybody can sign with nothing; SLUICE_INVALID_INPUT when none remains.
inline std::vector<std::string> webhook_secrets(const json& input) {
    std::vector<std::string> found;
    const auto add = [&](const json& secret) {
        if (!secret.is_null() && !secret.is_string()) {
            throw failure(SLUICE_INVALID_INPUT, "a secret must be a string");
        }
        if (!secret.empty()) found.push_back(secret.as_string());
    };
    add(input["secret"]);
    for (const json& secret : input["secrets"].items())
        add(secret);
    if (found.empty()) {
        throw failure(SLUICE_INVALID_INPUT, "the input needs a 'secret', or 'secrets', not empty");
    }
    return found;
}

// Whether `signature` belongs to the body and one of the secrets. Takes as long for a wrong
// signature as for a right one.
inline bool is_webhook_signed(std::string_view body, std::string_view signature,
                              const std::vector<std::string>& secrets) {
    constexpr std::string_view prefix = "sha256=";
    if (!signature.starts_with(prefix)) return false;
    const std::optional<std::string> given = hex_decode(signature.substr(prefix.size()));
    if (!given || given->size() != SHA256_DIGEST_LENGTH) return false;
    bool matches = false;
    for (const std::string& secret : secrets) {
        const std::string expected = hmac(EVP_sha256(), secret, body);
        matches |= CRYPTO_memcmp(expected.data(), given->data(), given->size()) == 0;
    }
    return matches;
}

}  // namespace sdk
}  // namespace sluice
