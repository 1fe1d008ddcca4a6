// By what an integration knows its own webhooks among those that a third party lists.
#pragma once

#include <string>
#include <string_view>

namespace sluice {
inline namespace sdk {

// "/hooks/TOKEN" of an address: it stays the same when the host's public address changes. Empty
// when there is none.
inline std::string webhook_path(std::string_view address) {
    const std::size_t scheme = address.find("://");
    const std::size_t slash = scheme == address.npos ? scheme : address.find('/', scheme + 3);
    return slash == address.npos ? std::string() : std::string(address.substr(slash));
}

}  // namespace sdk
}  // namespace sluice
