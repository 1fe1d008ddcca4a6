#include "base/encoding.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <cstdint>

#include "base/panic.hpp"

namespace sluice::base {

namespace {

constexpr std::string_view base64_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view base64url_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::uint8_t no_digit = 0xff;

constexpr std::array<std::uint8_t, 256> base64_digits = [] {
    std::array<std::uint8_t, 256> digits{};
    digits.fill(no_digit);
    for (std::size_t i = 0; i < base64_alphabet.size(); ++i) {
        digits[static_cast<unsigned char>(base64_alphabet[i])] = static_cast<std::uint8_t>(i);
    }
    return digits;
}();

std::uint8_t hex_digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<std::uint8_t>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<std::uint8_t>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<std::uint8_t>(c - 'A' + 10);
    return no_digit;
}

// Without padding: 2 characters for a last group of one byte, 3 for one of two.
std::string encode_base64(std::string_view bytes, std::string_view alphabet) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char c : bytes) {
        bits = (bits << 8 | static_cast<unsigned char>(c)) & 0xffff;
        count += 8;
        while (count >= 6) {
            count -= 6;
            text += alphabet[bits >> count & 0x3f];
        }
    }
    if (count > 0) text += alphabet[bits << (6 - count) & 0x3f];
    return text;
}

// Never null: OpenSSL takes that for a missing argument, not for no bytes.
const unsigned char* as_unsigned(std::string_view bytes) {
    if (bytes.data() == nullptr) bytes = "";
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

}  // namespace

std::string to_hex(std::string_view bytes) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string text;
    text.reserve(bytes.size() * 2);
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += digits[byte >> 4];
        text += digits[byte & 0xf];
    }
    return text;
}

std::optional<std::string> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() / 2);
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const std::uint8_t high = hex_digit(text[i]);
        const std::uint8_t low = hex_digit(text[i + 1]);
        if (high == no_digit || low == no_digit) return std::nullopt;
        bytes += static_cast<char>(high << 4 | low);
    }
    return bytes;
}

std::string to_base64(std::string_view bytes) {
    std::string text = encode_base64(bytes, base64_alphabet);
    text.append((4 - text.size() % 4) % 4, '=');
    return text;
}

std::string to_base64url(std::string_view bytes) {
    return encode_base64(bytes, base64url_alphabet);
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    for (int padding = 0; padding < 2 && text.ends_with('='); ++padding)
        text.remove_suffix(1);
    std::string bytes;
    bytes.reserve(text.size() * 3 / 4);
    std::uint32_t bits = 0;
    unsigned count = 0;
    for (const char c : text) {
        const std::uint8_t digit = base64_digits[static_cast<unsigned char>(c)];
        if (digit == no_digit) return std::nullopt;
        bits = (bits << 6 | digit) & 0xffff;
        count += 6;
        if (count >= 8) {
            count -= 8;
            bytes += static_cast<char>(bits >> count & 0xff);
        }
    }
    // Left-over bits that are not zero: a second spelling of the same bytes.
    if ((bits & ((1u << count) - 1)) != 0) return std::nullopt;
    return bytes;
}

std::string sha256(std::string_view bytes) {
    // Looked up once: EVP_sha256() is looked up each time it is used, under a lock of OpenSSL's.
    static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    std::array<unsigned char, 32> digest{};
    unsigned length = 0;
    if (EVP_Digest(as_unsigned(bytes), bytes.size(), digest.data(), &length, algorithm, nullptr) !=
        1) {
        panic("OpenSSL cannot compute SHA-256");
    }
    return {reinterpret_cast<const char*>(digest.data()), length};
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
    std::array<unsigned char, 32> digest{};
    unsigned length = 0;
    if (HMAC(EVP_sha256(), as_unsigned(key), static_cast<int>(key.size()), as_unsigned(bytes),
             bytes.size(), digest.data(), &length) == nullptr) {
        panic("OpenSSL cannot compute HMAC-SHA-256");
    }
    return {reinterpret_cast<const char*>(digest.data()), length};
}

bool constant_time_equal(std::string_view a, std::string_view b) {
    const bool same_length = a.size() == b.size();
    const char* const other = same_length ? b.data() : a.data();
    const bool same_bytes = a.empty() || CRYPTO_memcmp(a.data(), other, a.size()) == 0;
    return same_length && same_bytes;
}

}  // namespace sluice::base
