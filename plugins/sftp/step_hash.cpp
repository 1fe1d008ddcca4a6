#include "step_hash.hpp"

#include <openssl/evp.h>

namespace sluice::sftp {

std::array<unsigned char, 32> sha256(std::string_view text) {
    std::array<unsigned char, 32> digest{};
    if (EVP_Digest(text.data(), text.size(), digest.data(), nullptr, EVP_sha256(), nullptr) != 1) {
        throw failure(SLUICE_INTERNAL, "SHA-256 is not available");
    }
    return digest;
}

std::string step_hash(const context& ctx, std::string_view subject) {
    std::string text(ctx.idempotency_key());
    text += '\n';
    text += subject;
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hash;
    const auto digest = sha256(text);
    for (std::size_t i = 0; i < 8; ++i) {
        hash += digits[digest[i] >> 4];
        hash += digits[digest[i] & 15];
    }
    return hash;
}

}  // namespace sluice::sftp
