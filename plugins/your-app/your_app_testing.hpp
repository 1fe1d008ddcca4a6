// What the tests of this connector share.
#pragma once

#include <gtest/gtest.h>

#include <sluice/testing/mock_host.hpp>
#include <string>
#include <utility>
#include <vector>

namespace your_app::testing {

using sluice::json;
using sluice::testing::call_result;
using sluice::testing::mock_host;
using sluice::testing::recorded_request;

inline const std::string base = "https://app.example.com";
inline const std::string tickets = base + "/api/tickets";

inline json connection() {
    return json{{"type", "apiKey"}, {"baseUrl", base + "/"}, {"apiKey", "k3y"}};
}

}  // namespace your_app::testing
