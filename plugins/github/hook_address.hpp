// By what we know our own webhooks at GitHub.
#pragma once

#include <sluice/json.hpp>
#include <sluice/webhook_address.hpp>
#include <string>

namespace sluice::github {

// The address that GitHub's webhook sends to.
inline std::string url_of(const json& hook) {
    return hook.contains("config") ? hook["config"].get_or("url", "") : std::string();
}

}  // namespace sluice::github
