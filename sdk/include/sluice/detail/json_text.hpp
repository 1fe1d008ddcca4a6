#pragma once

#include <cstddef>
#include <string_view>

namespace sluice {
inline namespace sdk {
namespace detail {

// Bytes at the front of `text` that stand in a JSON string as they are: ASCII without quotes,
// backslashes and control characters. Most of most texts, so they are copied in one piece.
inline std::size_t plain_json_size(std::string_view text) noexcept {
    std::size_t size = 0;
    for (; size < text.size(); ++size) {
        const auto byte = static_cast<unsigned char>(text[size]);
        if (byte < 0x20 || byte >= 0x80 || byte == '"' || byte == '\\') break;
    }
    return size;
}

}  // namespace detail
}  // namespace sdk
}  // namespace sluice
