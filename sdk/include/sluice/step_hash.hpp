// Names that belong to one step of one execution: the same each time it is repeated, so that a
// repetition finds what the last try left, and different from every other step's.
//
// Needs OpenSSL: give sluice_add_connector `LIBRARIES OpenSSL::Crypto`.
#pragma once

#include <openssl/evp.h>

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "sluice/context.hpp"
#include "sluice/failure.hpp"

namespace sluice {
inline namespace sdk {

inline std::array<unsigned char, 32> sha256(std::string_view bytes) {
    std::array<unsigned char, 32> digest{};
    if (EVP_Digest(bytes.data(), bytes.size(), digest.data(), nullptr, EVP_sha256(), nullptr) !=
        1) {
        throw failure(SLUICE_INTERNAL, "OpenSSL cannot compute SHA-256");
    }
    return digest;
}

// 16 hexadecimal digits that tell texts apart.
inline std::string short_hash(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    constexpr std::size_t bytes = 8;
    const std::array<unsigned char, 32> digest = sha256(text);
    std::string hash;
    for (std::size_t i = 0; i < bytes; ++i) {
        hash += digits[digest[i] >> 4];
        hash += digits[digest[i] & 0xF];
    }
    return hash;
}

// 16 hexadecimal digits from the idempotency key and what the step is about.
inline std::string step_hash(const context& ctx, std::string_view subject) {
    return short_hash(std::string(ctx.idempotency_key()).append("\n").append(subject));
}

}  // namespace sdk
}  // namespace sluice
