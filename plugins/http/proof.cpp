#include "proof.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <chrono>
#include <sluice/connector.hpp>
#include <sluice/encoding.hpp>
#include <sluice/webhook_signature.hpp>

namespace sluice::http {
namespace {

const EVP_MD* digest_of(std::string_view algorithm) {
    if (algorithm.empty() || algorithm == "sha256") return EVP_sha256();
    if (algorithm == "sha1") return EVP_sha1();
    if (algorithm == "sha512") return EVP_sha512();
    throw failure(SLUICE_INVALID_INPUT, "'algorithm' must be sha1, sha256 or sha512");
}

std::string sha256(std::string_view content) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> made{};
    unsigned size = 0;
    if (EVP_Digest(content.data(), content.size(), made.data(), &size, EVP_sha256(), nullptr) !=
        1) {
        throw failure(SLUICE_INTERNAL, "OpenSSL cannot compute a digest");
    }
    return {reinterpret_cast<const char*>(made.data()), size};
}

}  // namespace

std::string hmac(std::string_view algorithm, std::string_view key, std::string_view content) {
    return sluice::hmac(digest_of(algorithm), key, content);
}

std::optional<std::string> decoded(std::string_view encoding, std::string_view text) {
    if (encoding.empty() || encoding == "hex") return hex_decode(text);
    std::string padded(text);
    if (encoding == "base64url") {
        std::ranges::replace(padded, '-', '+');
        std::ranges::replace(padded, '_', '/');
    } else if (encoding != "base64") {
        throw failure(SLUICE_INVALID_INPUT, "'encoding' must be hex, base64 or base64url");
    }
    while (padded.size() % 4 != 0)
        padded.push_back('=');
    return base64_decode(padded);
}

// By digests, so that lengths do not tell either.
bool is_equal(std::string_view a, std::string_view b) {
    const std::string left = sha256(a);
    const std::string right = sha256(b);
    return CRYPTO_memcmp(left.data(), right.data(), left.size()) == 0;
}

bool is_recent(std::string_view timestamp, std::int64_t now, std::int64_t tolerance_seconds) {
    std::int64_t at = 0;
    const char* const end = timestamp.data() + timestamp.size();
    const auto read = std::from_chars(timestamp.data(), end, at);
    if (read.ec != std::errc() || read.ptr != end || at < 0) return false;
    constexpr std::int64_t year_5138 = 100'000'000'000;  // in seconds; as milliseconds it is 1973
    if (at >= year_5138) at /= 1000;
    return at >= now - tolerance_seconds && at <= now + tolerance_seconds;
}

}  // namespace sluice::http
