// What the tests of this connector share.
#pragma once

#include <gtest/gtest.h>

#include <sluice/testing/mock_host.hpp>
#include <string>

namespace sluice::http::testing {

using sluice::testing::call_result;
using sluice::testing::header_list;
using sluice::testing::mock_host;
using sluice::testing::recorded_request;

inline const std::string base = "https://api.example.com/v1";
inline const header_list as_json = {{"Content-Type", "application/json"}};

inline json open_connection() { return json{{"type", "none"}, {"baseUrl", base}}; }
inline json with_bearer() {
    return json{{"type", "bearer"}, {"baseUrl", base + "/"}, {"token", "t0ken"}};
}
inline json with_key(const json& more = json::object()) {
    json made{{"type", "apiKey"}, {"baseUrl", base}, {"apiKey", "k3y"}};
    for (const auto& [name, content] : more.members())
        made.set(name, content);
    return made;
}

}  // namespace sluice::http::testing
