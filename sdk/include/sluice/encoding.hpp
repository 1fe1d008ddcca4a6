// Base64 (RFC 4648, with padding) and hexadecimal digits, for credentials and for bytes inside
// JSON; and letters without their case.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice {
inline namespace sdk {

// A to Z become a to z; every other byte stays. Unlike tolower() the same everywhere.
constexpr char lower_ascii(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
inline std::string lower_ascii(std::string_view text) {
    std::string out(text);
    for (char& c : out)
        c = lower_ascii(c);
    return out;
}

// The value of one hexadecimal digit, whatever its case; nothing when it is none.
constexpr std::optional<unsigned> hex_digit(char c) {
    const char lower = lower_ascii(c);
    if (lower >= '0' && lower <= '9') return static_cast<unsigned>(lower - '0');
    if (lower >= 'a' && lower <= 'f') return static_cast<unsigned>(lower - 'a' + 10);
    return std::nullopt;
}

// Nothing when the text is not pairs of hexadecimal digits.
inline std::optional<std::string> hex_decode(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::string bytes;
    for (std::size_t i = 0; i < text.size(); i += 2) {
        const std::optional<unsigned> high = hex_digit(text[i]);
        const std::optional<unsigned> low = hex_digit(text[i + 1]);
        if (!high || !low) return std::nullopt;
        bytes.push_back(static_cast<char>(*high << 4 | *low));
    }
    return bytes;
}

inline constexpr std::string_view base64_alphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

inline std::string base64_encode(std::string_view bytes) {
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = bytes.size() - i < 3 ? bytes.size() - i : 3;
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            group = group << 8 | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0u);
        }
        for (std::size_t k = 0; k < 4; ++k) {
            out.push_back(k <= count ? base64_alphabet[group >> (18 - 6 * k) & 0x3F] : '=');
        }
    }
    return out;
}

// Nothing when the text is not base64 with its padding.
inline std::optional<std::string> base64_decode(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=') {
        ++padding;
    }
    std::string out;
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const std::size_t digit =
            i < text.size() - padding ? base64_alphabet.find(text[i]) : std::size_t{0};
        if (digit == base64_alphabet.npos) return std::nullopt;
        group = group << 6 | static_cast<std::uint32_t>(digit);
        if (i % 4 != 3) continue;
        for (const int shift : {16, 8, 0})
            out.push_back(static_cast<char>(group >> shift & 0xFF));
        group = 0;
    }
    out.resize(out.size() - padding);
    return out;
}

}  // namespace sdk
}  // namespace sluice
