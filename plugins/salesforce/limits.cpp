#include "limits.hpp"

#include <charconv>

namespace sluice::salesforce {

std::optional<api_usage> read_usage(std::string_view header) {
    constexpr std::string_view name = "api-usage=";
    // Not the one of "per-app-api-usage".
    std::size_t at = header.find(name);
    while (at != header.npos && at > 0 && header[at - 1] != ' ' && header[at - 1] != ';')
        at = header.find(name, at + 1);
    if (at == header.npos) return std::nullopt;
    const char* const end = header.data() + header.size();
    api_usage found;
    const auto used = std::from_chars(header.data() + at + name.size(), end, found.used);
    if (used.ec != std::errc() || used.ptr == end || *used.ptr != '/') return std::nullopt;
    const auto allowed = std::from_chars(used.ptr + 1, end, found.allowed);
    if (allowed.ec != std::errc() || found.used < 0 || found.allowed < 0) return std::nullopt;
    return found;
}

}  // namespace sluice::salesforce
