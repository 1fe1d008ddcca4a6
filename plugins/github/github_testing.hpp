// What the tests of this connector share.
#pragma once

#include <gtest/gtest.h>

#include <sluice/testing/mock_host.hpp>
#include <string>

namespace sluice::github::testing {

using sluice::testing::call_result;
using sluice::testing::mock_host;
using sluice::testing::recorded_request;

inline const std::string base = "https://api.github.com";
inline const std::string hello = base + "/repos/octo/hello";

inline json token_connection() { return json{{"type", "token"}, {"token", "t0k3n"}}; }

// A list as GitHub answers it: `count` items {"id": n} from `first` on.
inline std::string items(int first, int count) {
    json::array_type list;
    for (int i = 0; i < count; ++i)
        list.push_back(json{{"id", first + i}});
    return json::array(std::move(list)).dump();
}

inline std::string next_link(const std::string& address) {
    return "<" + address + ">; rel=\"next\", <" + base + "/last?page=9>; rel=\"last\"";
}

}  // namespace sluice::github::testing
