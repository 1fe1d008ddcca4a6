// Versions of connectors: three numbers, compared as numbers.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::plugin {

struct version {
    std::uint32_t major = 0;
    std::uint32_t minor = 0;
    std::uint32_t patch = 0;

    auto operator<=>(const version&) const = default;
    std::string to_text() const;  // "1.2.3"
};

// Exactly "major.minor.patch", no leading zeros, nothing else.
std::optional<version> parse_version(std::string_view text);

}  // namespace sluice::plugin
