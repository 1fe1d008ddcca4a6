// Comparing what a sender shows with what it must know. Takes as long for wrong as for right.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::http {

// "sha1", "sha256" (also when empty) or "sha512"; SLUICE_INVALID_INPUT for others.
std::string hmac(std::string_view algorithm, std::string_view key, std::string_view content);

// The bytes of a signature in "hex" (also when empty), "base64" or "base64url" (with or without its
// padding); nothing when it is none. SLUICE_INVALID_INPUT for other encodings.
std::optional<std::string> decoded(std::string_view encoding, std::string_view text);

bool is_equal(std::string_view a, std::string_view b);

// Whether a timestamp (Unix seconds, or milliseconds) is at most so far from now.
bool is_recent(std::string_view timestamp, std::int64_t now_seconds,
               std::int64_t tolerance_seconds);

}  // namespace sluice::http
