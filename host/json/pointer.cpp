#include "json/pointer.hpp"

#include <algorithm>
#include <charconv>

namespace sluice::json {
namespace {

std::string unescape(std::string_view token) {
    std::string text;
    for (std::size_t i = 0; i < token.size(); ++i) {
        const bool escaped = token[i] == '~' && i + 1 < token.size();
        if (escaped) ++i;
        text += escaped ? (token[i] == '1' ? '/' : '~') : token[i];
    }
    return text;
}

const value* step_into(const value& content, const std::string& token) {
    if (!content.is_array()) return content.find(token);
    std::size_t index = 0;
    const char* const end = token.data() + token.size();
    const auto read = std::from_chars(token.data(), end, index);
    if (read.ec != std::errc() || read.ptr != end || index >= content.size()) return nullptr;
    return &content.at(index);
}

}  // namespace

const value* find_pointer(const value& document, std::string_view pointer) {
    const value* at = &document;
    while (at != nullptr && !pointer.empty()) {
        if (pointer.front() != '/') return nullptr;
        pointer.remove_prefix(1);
        const std::size_t size = std::min(pointer.find('/'), pointer.size());
        at = step_into(*at, unescape(pointer.substr(0, size)));
        pointer.remove_prefix(size);
    }
    return at;
}

void append_pointer(std::string& pointer, std::string_view token) {
    pointer += '/';
    for (const char c : token) {
        if (c == '~') {
            pointer += "~0";
        } else if (c == '/') {
            pointer += "~1";
        } else {
            pointer += c;
        }
    }
}

}  // namespace sluice::json
