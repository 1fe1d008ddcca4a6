#include "base/seal.hpp"

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <span>
#include <utility>

#include "base/panic.hpp"

namespace sluice::base {
namespace {

constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;

struct cipher_delete {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using cipher = std::unique_ptr<EVP_CIPHER_CTX, cipher_delete>;

const unsigned char* bytes(std::string_view text) {
    if (text.data() == nullptr) text = "";
    return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

cipher make_cipher(const secret& key, std::string_view nonce, std::string_view context,
                   bool encrypt) {
    if (key.reveal().size() != seal_key_size) panic("a key for AES-256 has 32 bytes");
    cipher made(EVP_CIPHER_CTX_new());
    int written = 0;
    if (made == nullptr ||
        EVP_CipherInit_ex(made.get(), EVP_aes_256_gcm(), nullptr, bytes(key.reveal()), bytes(nonce),
                          encrypt ? 1 : 0) != 1 ||
        EVP_CipherUpdate(made.get(), nullptr, &written, bytes(context),
                         static_cast<int>(context.size())) != 1) {
        panic("OpenSSL has no AES-256-GCM");
    }
    return made;
}

// Of `in`, to the front of `out`, which has room.
void update(EVP_CIPHER_CTX* with, std::string_view in, std::string& out, std::size_t at) {
    int written = 0;
    if (EVP_CipherUpdate(with, bytes(out) + at, &written, bytes(in), static_cast<int>(in.size())) !=
        1) {
        panic("OpenSSL failed in AES-256-GCM");
    }
}

}  // namespace

secret make_seal_key(random_source& random) {
    std::string key(seal_key_size, '\0');
    random.fill(std::as_writable_bytes(std::span(key)));
    return secret(std::move(key));
}

std::string seal(const secret& key, std::string_view text, std::string_view context,
                 random_source& random) {
    std::string sealed(nonce_size + text.size() + tag_size, '\0');
    random.fill(std::as_writable_bytes(std::span(sealed).first(nonce_size)));
    const cipher with =
        make_cipher(key, std::string_view(sealed).substr(0, nonce_size), context, true);
    update(with.get(), text, sealed, nonce_size);
    int written = 0;
    std::array<unsigned char, tag_size> rest{};
    if (EVP_CipherFinal_ex(with.get(), rest.data(), &written) != 1 ||
        EVP_CIPHER_CTX_ctrl(with.get(), EVP_CTRL_GCM_GET_TAG, tag_size,
                            bytes(sealed) + nonce_size + text.size()) != 1) {
        panic("OpenSSL failed in AES-256-GCM");
    }
    return sealed;
}

result<secret> open_seal(const secret& key, std::string_view sealed, std::string_view context) {
    if (sealed.size() < nonce_size + tag_size) {
        return make_error(error_code::auth, "what is sealed is too short to be complete");
    }
    const std::string_view body = sealed.substr(nonce_size, sealed.size() - nonce_size - tag_size);
    std::string tag(sealed.substr(sealed.size() - tag_size));
    const cipher with = make_cipher(key, sealed.substr(0, nonce_size), context, false);
    std::string text(body.size(), '\0');
    update(with.get(), body, text, 0);
    int written = 0;
    std::array<unsigned char, tag_size> rest{};
    if (EVP_CIPHER_CTX_ctrl(with.get(), EVP_CTRL_GCM_SET_TAG, tag_size, tag.data()) != 1 ||
        EVP_CipherFinal_ex(with.get(), rest.data(), &written) != 1) {
        wipe(text);
        return make_error(error_code::auth,
                          "what is sealed does not open: another key, another place, or damage");
    }
    return secret(std::move(text));
}

}  // namespace sluice::base
