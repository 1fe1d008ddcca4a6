#include "plugin/http_text.hpp"

#include <algorithm>

namespace sluice::plugin {

namespace {

std::string_view trim(std::string_view text) {
    const auto first = text.find_first_not_of(" \t");
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

base::error refuse(std::string_view name, std::string_view why) {
    // Never the value: it may be a secret.
    return base::make_error(base::error_code::invalid_input,
                            "header `" + std::string(name.substr(0, 64)) + "` " + std::string(why),
                            "This is a mistake in the connector; tell its author.");
}

}  // namespace

base::result<net::headers> parse_header_text(std::string_view text) {
    net::headers fields;
    while (!text.empty()) {
        const auto end = text.find("\r\n");
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 2);
        if (line.empty()) continue;
        const auto colon = line.find(':');
        if (colon == std::string_view::npos) return refuse("?", "has no colon");
        const std::string_view name = line.substr(0, colon);
        const std::string_view value = trim(line.substr(colon + 1));
        if (!net::is_token(name)) return refuse("?", "has a name that is not allowed");
        if (!net::is_valid_field(name, value))
            return refuse(name, "has a value that is not allowed");
        if (net::equal_without_case(name, "host") ||
            net::equal_without_case(name, "content-length")) {
            return refuse(name, "is set by the host");
        }
        fields.add(name, value);
    }
    return fields;
}

std::string to_header_text(const net::headers& fields) {
    std::string text;
    for (const net::header_field field : fields) {
        std::ranges::transform(field.name, std::back_inserter(text), [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        });
        text.append(": ").append(field.value).append("\r\n");
    }
    return text;
}

}  // namespace sluice::plugin
