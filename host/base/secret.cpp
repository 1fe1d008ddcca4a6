#include "base/secret.hpp"

#include <openssl/crypto.h>

#include <utility>

namespace sluice::base {

void wipe(std::string& text) {
    // Within its capacity a string does not move.
    text.resize(text.capacity());
    OPENSSL_cleanse(text.data(), text.size());
    text.clear();
}

// A short text is copied when a string is moved: the source must be wiped as well.
secret::secret(std::string&& text) : text_(text) { wipe(text); }

secret secret::copy_of(std::string_view text) { return secret(std::string(text)); }

secret::secret(secret&& other) noexcept { text_.swap(other.text_); }

secret& secret::operator=(secret&& other) noexcept {
    if (this == &other) return *this;
    wipe(text_);
    text_.swap(other.text_);
    return *this;
}

secret::~secret() { wipe(text_); }

}  // namespace sluice::base
