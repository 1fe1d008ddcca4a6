// What the tests of this connector share.
#pragma once

#include <gtest/gtest.h>

#include <functional>
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

// Cancels an action at each of its host operations in turn, on a host of its own each time, until
// it ends before. Returns how many times that was.
inline unsigned cancel_everywhere(
    const std::function<call_result(mock_host& host, unsigned n)>& run) {
    for (unsigned n = 0; n < 200; ++n) {
        mock_host host(sluice_connector_v1);
        const call_result result = run(host, n);
        EXPECT_TRUE(result.problems.empty()) << n << result.explain();
        EXPECT_TRUE(host.problems().empty()) << n;
        if (result.error.code != SLUICE_CANCELLED) return n;
    }
    ADD_FAILURE() << "it never ends";
    return 0;
}

}  // namespace sluice::http::testing
