#include "base/signing_key.hpp"

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <utility>

#include "base/panic.hpp"

namespace sluice::base {
namespace {

constexpr int least_rsa_bits = 2048;
constexpr int p256_bits = 256;
constexpr std::size_t p256_bytes = 32;

// There is nobody to ask for a password.
int no_password(char*, int, int, void*) { return -1; }

error wrong_key(const char* why) {
    return make_error(error_code::invalid_input, std::string("the private key ") + why,
                      "give an RSA key of at least 2048 bits or a P-256 key as PEM, without a "
                      "password");
}

unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

// Of DER to the two numbers behind each other (RFC 7518, section 3.4).
std::string two_numbers(const std::string& der) {
    const auto* at = reinterpret_cast<const unsigned char*>(der.data());
    const std::unique_ptr<ECDSA_SIG, decltype(&ECDSA_SIG_free)> read(
        d2i_ECDSA_SIG(nullptr, &at, static_cast<long>(der.size())), &ECDSA_SIG_free);
    std::string out(2 * p256_bytes, '\0');
    if (read == nullptr || BN_bn2binpad(ECDSA_SIG_get0_r(read.get()), bytes(out), p256_bytes) < 0 ||
        BN_bn2binpad(ECDSA_SIG_get0_s(read.get()), bytes(out) + p256_bytes, p256_bytes) < 0) {
        panic("OpenSSL made no signature of P-256");
    }
    return out;
}

}  // namespace

result<signing_key> signing_key::parse(std::string_view pem) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> from(
        BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), &BIO_free);
    std::shared_ptr<EVP_PKEY> key(
        from ? PEM_read_bio_PrivateKey(from.get(), nullptr, &no_password, nullptr) : nullptr,
        &EVP_PKEY_free);
    if (key == nullptr) return wrong_key("cannot be read");
    const int bits = EVP_PKEY_get_bits(key.get());
    const int kind = EVP_PKEY_get_base_id(key.get());
    const bool fits = (kind == EVP_PKEY_RSA && bits >= least_rsa_bits) ||
                      (kind == EVP_PKEY_EC && bits == p256_bits);
    if (!fits) return wrong_key("is of no kind that signs here");
    return signing_key(std::move(key));
}

std::string_view signing_key::algorithm() const {
    return EVP_PKEY_get_base_id(key_.get()) == EVP_PKEY_RSA ? "RS256" : "ES256";
}

std::string signing_key::sign(std::string_view text) const {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> with(EVP_MD_CTX_new(),
                                                                       &EVP_MD_CTX_free);
    const auto* in = reinterpret_cast<const unsigned char*>(text.data());
    std::size_t size = 0;
    std::string made;
    if (with == nullptr ||
        EVP_DigestSignInit(with.get(), nullptr, EVP_sha256(), nullptr, key_.get()) != 1 ||
        EVP_DigestSign(with.get(), nullptr, &size, in, text.size()) != 1) {
        panic("OpenSSL cannot sign");
    }
    made.resize(size);
    if (EVP_DigestSign(with.get(), bytes(made), &size, in, text.size()) != 1) {
        panic("OpenSSL cannot sign");
    }
    made.resize(size);
    return algorithm() == "ES256" ? two_numbers(made) : made;
}

}  // namespace sluice::base
