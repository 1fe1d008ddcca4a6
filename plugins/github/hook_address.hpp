// By what we know our own webhooks at GitHub.
#pragma once

#include <sluice/json.hpp>
#include <string>

namespace sluice::github {

// "/hooks/TOKEN" of an address: it stays the same when the host's public address changes.
inline std::string path_of(const std::string& address) {
    const std::size_t scheme = address.find("://");
    const std::size_t slash = scheme == std::string::npos ? scheme : address.find('/', scheme + 3);
    return slash == std::string::npos ? std::string() : address.substr(slash);
}

// The address that GitHub's webhook sends to.
inline std::string url_of(const json& hook) {
    return hook.contains("config") ? hook["config"].get_or("url", "") : std::string();
}

}  // namespace sluice::github
