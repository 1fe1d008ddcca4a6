// Text of files in other encodings than UTF-8, piece by piece.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sluice/detail/utf8.hpp"
#include "sluice/option.hpp"

namespace sluice {
inline namespace sdk {

enum class text_encoding : std::uint8_t { utf8, utf16le, utf16be, windows1252, iso88591 };

inline constexpr std::array<std::string_view, 5> text_encoding_names = {
    "utf-8", "utf-16le", "utf-16be", "windows-1252", "iso-8859-1"};

inline std::string_view name_of(text_encoding encoding) {
    return text_encoding_names[static_cast<std::size_t>(encoding)];
}

inline std::optional<text_encoding> find_text_encoding(std::string_view name) {
    for (std::size_t i = 0; i < text_encoding_names.size(); ++i) {
        if (text_encoding_names[i] == name) return static_cast<text_encoding>(i);
    }
    return std::nullopt;
}

// The encoding that a file is to be written in, by the input's "encoding"; UTF-8 when that is
// missing or null, SLUICE_INVALID_INPUT when it is none of these.
inline text_encoding encoding_option(const json& input) {
    const std::string name = string_option(input, "encoding", "utf-8");
    if (const auto known = find_text_encoding(name)) return *known;
    throw failure(SLUICE_INVALID_INPUT,
                  "'encoding' must be utf-8, utf-16le, utf-16be, windows-1252 or iso-8859-1");
}

struct byte_order_mark {
    text_encoding encoding = text_encoding::utf8;
    std::size_t bytes = 0;  // 0: there is none
};

inline byte_order_mark find_byte_order_mark(std::string_view start) {
    if (start.starts_with("\xEF\xBB\xBF")) return {text_encoding::utf8, 3};
    if (start.starts_with("\xFF\xFE")) return {text_encoding::utf16le, 2};
    if (start.starts_with("\xFE\xFF")) return {text_encoding::utf16be, 2};
    return {};
}

namespace detail {

// Windows-1252 from 0x80 to 0x9F. The five bytes that it leaves open are control characters, as
// browsers read them.
inline constexpr std::array<std::uint16_t, 32> windows1252_upper = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

inline bool is_utf8_start(char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }

}  // namespace detail

// The character of one byte in an encoding of one byte each.
inline std::uint32_t single_byte_character(text_encoding encoding, unsigned char byte) {
    if (encoding == text_encoding::windows1252 && byte >= 0x80 && byte < 0xA0) {
        return detail::windows1252_upper[byte - 0x80u];
    }
    return byte;
}

// Makes UTF-8 of one file, piece by piece. What is no character becomes the byte 0xFF, which is in
// no UTF-8, so that whoever checks the text finds its place.
class text_decoder {
  public:
    explicit text_decoder(text_encoding encoding) : encoding_(encoding) {}

    // UTF-8 is passed on unchecked. Of other encodings, what a piece cuts in two waits for the
    // next.
    void append(std::string& out, std::string_view piece) {
        if (encoding_ == text_encoding::utf8) {
            out += piece;
        } else if (encoding_ == text_encoding::utf16le || encoding_ == text_encoding::utf16be) {
            append_utf16(out, piece);
        } else {
            for (const char c : piece) {
                detail::append_utf8(
                    out, single_byte_character(encoding_, static_cast<unsigned char>(c)));
            }
        }
    }

    // Bytes taken that have not come out yet. At the end of a file: half a character.
    std::size_t waiting() const { return waiting_.size(); }

    // How many bytes of the file became this part of what came out.
    std::size_t raw_size(std::string_view decoded) const {
        if (encoding_ == text_encoding::utf8) return decoded.size();
        const bool wide =
            encoding_ == text_encoding::utf16le || encoding_ == text_encoding::utf16be;
        std::size_t bytes = 0;
        for (const char c : decoded) {
            if (!detail::is_utf8_start(c)) continue;
            const auto lead = static_cast<unsigned char>(c);
            const bool pair = wide && lead >= 0xF0 && lead != 0xFF;
            bytes += wide ? (pair ? 4u : 2u) : 1u;
        }
        return bytes;
    }

  private:
    void append_utf16(std::string& out, std::string_view piece) {
        waiting_ += piece;
        std::size_t at = 0;
        const auto unit = [&](std::size_t i) -> std::uint32_t {
            const auto first = static_cast<unsigned char>(waiting_[i]);
            const auto second = static_cast<unsigned char>(waiting_[i + 1]);
            return encoding_ == text_encoding::utf16le ? first | second << 8u
                                                       : first << 8u | second;
        };
        for (; at + 2 <= waiting_.size(); at += 2) {
            const std::uint32_t code = unit(at);
            if (code < 0xD800 || code > 0xDFFF) {
                detail::append_utf8(out, code);
                continue;
            }
            if (code < 0xDC00) {
                if (at + 4 > waiting_.size()) break;
                const std::uint32_t low = unit(at + 2);
                if (low >= 0xDC00 && low <= 0xDFFF) {
                    detail::append_utf8(out, 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00));
                    at += 2;
                    continue;
                }
            }
            out.push_back('\xFF');
        }
        waiting_.erase(0, at);
    }

    text_encoding encoding_;
    std::string waiting_;
};

// Where well-formed UTF-8 ends in this text; its size when all of it is.
inline std::size_t well_formed_size(std::string_view text) {
    std::size_t at = 0;
    while (at < text.size()) {
        if (static_cast<unsigned char>(text[at]) < 0x80) {
            ++at;
            continue;
        }
        const std::size_t length = detail::utf8_length(text.substr(at));
        if (length == 0) break;
        at += length;
    }
    return at;
}

// Appends well-formed UTF-8 in the encoding. The offset of the first character that the encoding
// does not have, or nothing.
inline std::optional<std::size_t> encode_text(std::string& out, std::string_view text,
                                              text_encoding encoding) {
    if (encoding == text_encoding::utf8) {
        out += text;
        return std::nullopt;
    }
    const auto put_unit = [&](std::uint32_t unit) {
        const char high = static_cast<char>(unit >> 8);
        const char low = static_cast<char>(unit & 0xFF);
        const bool little = encoding == text_encoding::utf16le;
        out.push_back(little ? low : high);
        out.push_back(little ? high : low);
    };
    for (std::size_t at = 0; at < text.size();) {
        const auto lead = static_cast<unsigned char>(text[at]);
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
        std::uint32_t code = length == 1 ? lead : lead & (0xFFu >> (length + 1));
        for (std::size_t i = 1; i < length; ++i)
            code = code << 6 | (static_cast<unsigned char>(text[at + i]) & 0x3Fu);
        if (encoding == text_encoding::utf16le || encoding == text_encoding::utf16be) {
            if (code < 0x10000) {
                put_unit(code);
            } else {
                put_unit(0xD800 + ((code - 0x10000) >> 10));
                put_unit(0xDC00 + ((code - 0x10000) & 0x3FF));
            }
        } else if (code < 0x100 &&
                   single_byte_character(
                       encoding, lead < 0x80 ? lead : static_cast<unsigned char>(code)) == code) {
            out.push_back(static_cast<char>(code));
        } else {
            std::size_t index = 0;
            const auto& upper = detail::windows1252_upper;
            while (index < upper.size() && upper[index] != code)
                ++index;
            if (encoding != text_encoding::windows1252 || index == upper.size()) return at;
            out.push_back(static_cast<char>(0x80 + index));
        }
        at += length;
    }
    return std::nullopt;
}

}  // namespace sdk
}  // namespace sluice
