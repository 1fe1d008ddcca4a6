// The address of a third party out of a connection's field.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

#include "sluice/failure.hpp"
#include "sluice/json.hpp"

namespace sluice {
inline namespace sdk {

// The connection's field, or the fallback when it has none. SLUICE_INVALID_INPUT unless it is an
// http or https address to which a path can be added: no query, no user, no spaces.
inline std::string base_address(const json& connection, std::string_view field,
                                std::string_view fallback) {
    std::string base = connection.get_or(field, fallback);
    const bool has_scheme = base.starts_with("https://") || base.starts_with("http://");
    const bool is_plain = std::all_of(base.begin(), base.end(), [](char c) {
        return c > ' ' && c < '\x7F' && c != '?' && c != '#' && c != '@' && c != '\\';
    });
    if (!has_scheme || !is_plain || base.ends_with("//")) {
        throw failure(SLUICE_INVALID_INPUT, "the connection's '" + std::string(field) +
                                                "' must be an address like " +
                                                std::string(fallback));
    }
    return base;
}

}  // namespace sdk
}  // namespace sluice
