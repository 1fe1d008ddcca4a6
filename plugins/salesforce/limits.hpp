// The organization's allowance of API requests, as each answer tells it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace sluice::salesforce {

struct api_usage {
    std::int64_t used = 0;
    std::int64_t allowed = 0;  // in 24 hours

    // From nine tenths on.
    bool is_near_limit() const { return allowed > 0 && used >= allowed - allowed / 10; }
};

// Of a header such as "Sforce-Limit-Info: api-usage=18/5000; per-app-api-usage=17/250(appName=x)".
std::optional<api_usage> read_usage(std::string_view header);

}  // namespace sluice::salesforce
