// Private keys that sign JSON Web Tokens (RFC 7515): RSA (RS256) and P-256 (ES256).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

struct evp_pkey_st;

namespace sluice::base {

class signing_key {
  public:
    // PEM, PKCS#8 or the key's own form, without a password. The error tells nothing of the text.
    static result<signing_key> parse(std::string_view pem);

    // "RS256" or "ES256".
    std::string_view algorithm() const;
    // The raw bytes of the signature, as a JWT has them.
    std::string sign(std::string_view text) const;

  private:
    explicit signing_key(std::shared_ptr<evp_pkey_st> key) : key_(std::move(key)) {}
    std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace sluice::base
