// Text forms of bytes (RFC 4648) as jq reads and writes them: padding is written, and not needed to
// read.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace sluice::expression {

struct base_code {
    std::string_view name;
    std::string_view letters;
    unsigned bits;  // in one letter
    std::size_t letters_in_group;
};

inline constexpr base_code base64_code = {
    "base64", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", 6, 4};
inline constexpr base_code base32_code = {"base32", "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 5, 8};

struct decoded {
    enum result { fine, invalid, cut_off };
    result outcome = fine;
    std::string bytes;
};

void encode(const base_code& code, std::string_view bytes, std::string& out);
// Stops at the first "=".
decoded decode(const base_code& code, std::string_view text);

}  // namespace sluice::expression
