#include "signature.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <optional>
#include <sluice/encoding.hpp>
#include <sluice/failure.hpp>
#include <sluice/input.hpp>
#include <utility>

namespace your_app {

using sluice::failure;
using sluice::json;

namespace {

constexpr std::size_t digest_size = 32;
using digest = std::array<unsigned char, digest_size>;

std::optional<unsigned> hex_digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
    return std::nullopt;
}

std::optional<digest> decode(std::string_view signature) {
    constexpr std::string_view prefix = "sha256=";
    if (!signature.starts_with(prefix)) return std::nullopt;
    signature.remove_prefix(prefix.size());
    if (signature.size() != 2 * digest_size) return std::nullopt;
    digest bytes{};
    for (std::size_t i = 0; i < digest_size; ++i) {
        const auto high = hex_digit(signature[2 * i]);
        const auto low = hex_digit(signature[2 * i + 1]);
        if (!high || !low) return std::nullopt;
        bytes[i] = static_cast<unsigned char>(*high << 4 | *low);
    }
    return bytes;
}

digest hmac_sha256(std::string_view key, std::string_view body) {
    digest result{};
    unsigned size = 0;
    const auto* bytes = reinterpret_cast<const unsigned char*>(body.data());
    const unsigned char* made = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes,
                                     body.size(), result.data(), &size);
    if (made == nullptr || size != digest_size) {
        throw failure(SLUICE_INTERNAL, "OpenSSL cannot compute an HMAC");
    }
    return result;
}

}  // namespace

std::string raw_body(const json& request) {
    if (request["body"].is_string()) return request["body"].as_string();
    if (request["bodyBase64"].is_string()) {
        if (auto bytes = sluice::base64_decode(request["bodyBase64"].as_string()))
            return std::move(*bytes);
    }
    throw failure(SLUICE_INVALID_INPUT, "'request' needs a 'body' or a 'bodyBase64'");
}

std::vector<std::string> secrets(const json& input) {
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

bool is_signed(std::string_view body, std::string_view signature,
               const std::vector<std::string>& secrets) {
    const std::optional<digest> given = decode(signature);
    if (!given) return false;
    bool matches = false;
    for (const std::string& secret : secrets) {
        const digest expected = hmac_sha256(secret, body);
        matches |= CRYPTO_memcmp(expected.data(), given->data(), digest_size) == 0;
    }
    return matches;
}

}  // namespace your_app
