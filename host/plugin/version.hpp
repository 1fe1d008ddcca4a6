// Versions of connectors: three numbers, and which of them a flow accepts.
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

// "" or "*": any; "1": 1.x.x; "1.2": 1.2.x; "1.2.3": that one.
struct version_range {
    std::optional<std::uint32_t> major;
    std::optional<std::uint32_t> minor;
    std::optional<std::uint32_t> patch;

    bool accepts(const version& candidate) const;
};
std::optional<version_range> parse_version_range(std::string_view text);

}  // namespace sluice::plugin
