#include "base/stream_digest.hpp"

#include <openssl/evp.h>

#include "base/encoding.hpp"
#include "base/panic.hpp"

namespace sluice::base {
namespace {

[[noreturn]] void fail() { panic("OpenSSL cannot compute SHA-256"); }

}  // namespace

struct stream_digest::state {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    state() = default;
    ~state() { EVP_MD_CTX_free(context); }
    state(const state&) = delete;
    state& operator=(const state&) = delete;
};

stream_digest::stream_digest() : state_(std::make_unique<state>()) {
    if (EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr) != 1) fail();
}

stream_digest::~stream_digest() = default;

void stream_digest::add(std::string_view piece) {
    if (EVP_DigestUpdate(state_->context, piece.data(), piece.size()) != 1) fail();
}

std::string stream_digest::hex() {
    std::string out(EVP_MAX_MD_SIZE, '\0');
    unsigned int length = 0;
    auto* const bytes = reinterpret_cast<unsigned char*>(out.data());
    if (EVP_DigestFinal_ex(state_->context, bytes, &length) != 1) fail();
    out.resize(length);
    return to_hex(out);
}

}  // namespace sluice::base
