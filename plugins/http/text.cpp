#include "text.hpp"

#include <algorithm>
#include <charconv>
#include <sluice/encoding.hpp>

#include "headers.hpp"

namespace sluice::http {

bool is_utf8(std::string_view bytes) noexcept {
    while (!bytes.empty()) {
        const std::size_t length = detail::utf8_length(bytes);
        if (length == 0) return false;
        bytes.remove_prefix(length);
    }
    return true;
}

std::string media_type(std::string_view content_type) {
    std::string_view type = content_type.substr(0, content_type.find(';'));
    while (type.starts_with(' '))
        type.remove_prefix(1);
    while (type.ends_with(' '))
        type.remove_suffix(1);
    return lower_ascii(type);
}

bool is_json_type(std::string_view type) noexcept {
    return type == "application/json" || type.ends_with("+json") || type == "text/json";
}

bool is_text_type(std::string_view type) noexcept {
    return type.starts_with("text/") || type == "application/xml" || type.ends_with("+xml") ||
           type == "application/javascript" || type == "application/x-ndjson" ||
           type == "application/yaml" || type == "application/x-www-form-urlencoded";
}

const json& at_path(const json& of, std::string_view path) noexcept {
    static const json nothing;
    const json* here = &of;
    if (path.starts_with('.')) path.remove_prefix(1);
    while (!path.empty()) {
        const std::size_t end = std::min(path.find('.'), path.size());
        const std::string_view name = path.substr(0, end);
        path.remove_prefix(std::min(end + 1, path.size()));
        if (here->is_array()) {
            std::size_t index = 0;
            const auto read = std::from_chars(name.data(), name.data() + name.size(), index);
            if (read.ec != std::errc() || read.ptr != name.data() + name.size()) return nothing;
            here = &(*here)[index];
        } else {
            here = &(*here)[name];
        }
    }
    return *here;
}

}  // namespace sluice::http
