// Authenticated encryption: AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/random.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace sluice::base {

inline constexpr std::size_t seal_key_size = 32;  // bytes

// A new key.
secret make_seal_key(random_source& random);

// Nonce (12 bytes), ciphertext, tag (16 bytes). `context` is not stored: only who names the same
// one opens it again, so that what belongs to one place is worth nothing in another. Under one key
// at most 2^32 times. Any thread. A key of another size ends the process.
std::string seal(const secret& key, std::string_view text, std::string_view context,
                 random_source& random);

// `auth` when the key or the context is another one or a bit was changed; nothing is given out
// then.
result<secret> open_seal(const secret& key, std::string_view sealed, std::string_view context);

}  // namespace sluice::base
