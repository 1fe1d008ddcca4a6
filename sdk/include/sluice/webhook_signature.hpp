// Proof that a webhook request comes from who knows the secret: HMAC-SHA256 over the raw body, sent
// as "sha256=" and 64 hexadecimal digits. For actions with the flag `verifier`.
//
// Needs OpenSSL: give sluice_add_connector `LIBRARIES OpenSSL::Crypto`.
#pragma once

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <cstddef>
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
namespace detail {

using sha256_digest = std::array<unsigned char, 32>;

inline std::optional<unsigned> hex_digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
    return std::nullopt;
}

inline std::optional<sha256_digest> decode_signature(std::string_view signature) {
    constexpr std::string_view prefix = "sha256=";
    if (!signature.starts_with(prefix)) return std::nullopt;
    signature.remove_prefix(prefix.size());
    sha256_digest bytes{};
    if (signature.size() != 2 * bytes.size()) return std::nullopt;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const auto high = hex_digit(signature[2 * i]);
        const auto low = hex_digit(signature[2 * i + 1]);
        if (!high || !low) return std::nullopt;
        bytes[i] = static_cast<unsigned char>(*high << 4 | *low);
    }
    return bytes;
}

inline sha256_digest hmac_sha256(std::string_view key, std::string_view body) {
    sha256_digest result{};
    unsigned size = 0;
    const auto* bytes = reinterpret_cast<const unsigned char*>(body.data());
    const unsigned char* made = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes,
                                     body.size(), result.data(), &size);
    if (made == nullptr || size != result.size()) {
        throw failure(SLUICE_INTERNAL, "OpenSSL cannot compute an HMAC");
    }
    return result;
}

}  // namespace detail

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
    const std::optional<detail::sha256_digest> given = detail::decode_signature(signature);
    if (!given) return false;
    bool matches = false;
    for (const std::string& secret : secrets) {
        const detail::sha256_digest expected = detail::hmac_sha256(secret, body);
        matches |= CRYPTO_memcmp(expected.data(), given->data(), given->size()) == 0;
    }
    return matches;
}

}  // namespace sdk
}  // namespace sluice
