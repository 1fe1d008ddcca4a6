#include "net/certificates_testing.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <cstdio>

#include "base/panic.hpp"

namespace sluice::net {

namespace {

constexpr long day = 24L * 60 * 60;

struct openssl_deleter {
    void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
    void operator()(X509* certificate) const { X509_free(certificate); }
    void operator()(X509_EXTENSION* extension) const { X509_EXTENSION_free(extension); }
    void operator()(std::FILE* file) const { std::fclose(file); }
};
using key_pointer = std::unique_ptr<EVP_PKEY, openssl_deleter>;
using certificate_pointer = std::unique_ptr<X509, openssl_deleter>;
using file_pointer = std::unique_ptr<std::FILE, openssl_deleter>;

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& text) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    const std::unique_ptr<X509_EXTENSION, openssl_deleter> extension(
        X509V3_EXT_conf_nid(nullptr, &context, kind, text.c_str()));
    if (!extension) base::panic("test certificate: bad extension " + text);
    X509_add_ext(certificate, extension.get(), -1);
}

certificate_pointer make_certificate(EVP_PKEY* key, const std::string& subject, long serial,
                                     long first, long last) {
    certificate_pointer made(X509_new());
    X509_set_version(made.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), serial);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), first);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), last);
    X509_set_pubkey(made.get(), key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(made.get()), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(subject.c_str()), -1, -1, 0);
    return made;
}

key_pointer make_key() { return key_pointer(EVP_EC_gen("P-256")); }

file_pointer open_file(const std::filesystem::path& path) {
    return file_pointer(std::fopen(path.c_str(), "wb"));
}

}  // namespace

struct test_authority::state {
    key_pointer key = make_key();
    certificate_pointer certificate;
};

test_authority::test_authority() : state_(std::make_unique<state>()) {
    auto* key = state_->key.get();
    state_->certificate = make_certificate(key, "Sluice test authority", 1, -day, 7 * day);
    auto* own = state_->certificate.get();
    X509_set_issuer_name(own, X509_get_subject_name(own));
    add_extension(own, own, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(own, own, NID_key_usage, "critical,keyCertSign,cRLSign");
    X509_sign(own, key, EVP_sha256());
    PEM_write_X509(open_file(folder_.path() / "ca.pem").get(), own);
}

test_authority::~test_authority() = default;

test_authority::files test_authority::issue(const std::string& names, int days) {
    const auto key = make_key();
    const auto number = ++issued_;
    const auto made =
        make_certificate(key.get(), "Sluice test peer", 100 + number, -30 * day, days * day);
    X509_set_issuer_name(made.get(), X509_get_subject_name(state_->certificate.get()));
    add_extension(made.get(), state_->certificate.get(), NID_subject_alt_name, names);
    X509_sign(made.get(), state_->key.get(), EVP_sha256());
    const auto base_name = (folder_.path() / ("peer" + std::to_string(number))).string();
    files written{base_name + ".pem", base_name + ".key"};
    PEM_write_X509(open_file(written.certificate).get(), made.get());
    PEM_write_PrivateKey(open_file(written.key).get(), key.get(), nullptr, nullptr, 0, nullptr,
                         nullptr);
    return written;
}

std::string test_authority::ca_file() const { return (folder_.path() / "ca.pem").string(); }

std::string test_authority::write(const std::string& name, const std::string& content) {
    const auto path = folder_.path() / name;
    std::fwrite(content.data(), 1, content.size(), open_file(path).get());
    return path.string();
}

}  // namespace sluice::net
