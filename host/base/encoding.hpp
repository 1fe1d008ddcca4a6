// Text forms of bytes, digests and constant-time comparison.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace sluice::base {

std::string to_hex(std::string_view bytes);                     // lower case
std::optional<std::string> from_hex(std::string_view text);     // either case
std::string to_base64(std::string_view bytes);                  // RFC 4648, padded
std::optional<std::string> from_base64(std::string_view text);  // strict: padding, no spaces
std::string to_base64url(std::string_view bytes);               // RFC 4648 section 5, no padding

std::string sha256(std::string_view bytes);                             // 32 raw bytes
std::string hmac_sha256(std::string_view key, std::string_view bytes);  // 32 raw bytes

// Equal in length and content; the time taken depends on the length of `a` only.
bool constant_time_equal(std::string_view a, std::string_view b);

bool is_valid_utf8(std::string_view text);
// How many bytes from the start are valid; all of them when the whole text is.
std::size_t valid_utf8_length(std::string_view text);

}  // namespace sluice::base
