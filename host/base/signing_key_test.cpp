#include "base/signing_key.hpp"

#include <gtest/gtest.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

namespace sluice::base {
namespace {

using evp_key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

evp_key rsa(unsigned bits) { return {EVP_RSA_gen(bits), &EVP_PKEY_free}; }
evp_key curve(const char* name) { return {EVP_EC_gen(name), &EVP_PKEY_free}; }

std::string pem_of(const evp_key& key) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> to(BIO_new(BIO_s_mem()), &BIO_free);
    PEM_write_bio_PrivateKey(to.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    char* text = nullptr;
    const long size = BIO_get_mem_data(to.get(), &text);
    return {text, static_cast<std::size_t>(size)};
}

bool verifies(const evp_key& key, const std::string& text, const std::string& signature) {
    const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> with(EVP_MD_CTX_new(),
                                                                       &EVP_MD_CTX_free);
    EVP_DigestVerifyInit(with.get(), nullptr, EVP_sha256(), nullptr, key.get());
    return EVP_DigestVerify(with.get(), reinterpret_cast<const unsigned char*>(signature.data()),
                            signature.size(), reinterpret_cast<const unsigned char*>(text.data()),
                            text.size()) == 1;
}

// Of two numbers behind each other.
std::string der_of(const std::string& raw) {
    const auto* at = reinterpret_cast<const unsigned char*>(raw.data());
    ECDSA_SIG* const made = ECDSA_SIG_new();
    ECDSA_SIG_set0(made, BN_bin2bn(at, 32, nullptr), BN_bin2bn(at + 32, 32, nullptr));
    unsigned char* out = nullptr;
    const int size = i2d_ECDSA_SIG(made, &out);
    std::string der(reinterpret_cast<const char*>(out), static_cast<std::size_t>(size));
    OPENSSL_free(out);
    ECDSA_SIG_free(made);
    return der;
}

TEST(signing_key, signs_with_rsa) {
    const evp_key key = rsa(2048);
    const auto made = signing_key::parse(pem_of(key));
    ASSERT_TRUE(made) << made.error_value().to_text();
    EXPECT_EQ(made->algorithm(), "RS256");
    EXPECT_TRUE(verifies(key, "text", made->sign("text")));
    EXPECT_FALSE(verifies(key, "another", made->sign("text")));
}

TEST(signing_key, signs_with_a_curve) {
    const evp_key key = curve("P-256");
    const auto made = signing_key::parse(pem_of(key));
    ASSERT_TRUE(made) << made.error_value().to_text();
    EXPECT_EQ(made->algorithm(), "ES256");
    // The numbers have leading zeros now and then.
    for (int i = 0; i < 300; ++i) {
        const std::string signature = made->sign("text");
        ASSERT_EQ(signature.size(), 64u);
        ASSERT_TRUE(verifies(key, "text", der_of(signature)));
    }
}

TEST(signing_key, takes_no_other_key) {
    for (const std::string& wrong :
         {std::string(), std::string("secret-text"), pem_of(rsa(1024)), pem_of(curve("P-384"))}) {
        const auto made = signing_key::parse(wrong);
        ASSERT_FALSE(made);
        EXPECT_EQ(made.error_value().message.find("secret-text"), std::string::npos);
    }
}

}  // namespace
}  // namespace sluice::base
