#include "trigger/endpoint_limits.hpp"

#include <algorithm>

namespace sluice::trigger {

namespace {

constexpr std::int64_t minute_ms = 60'000;

}  // namespace

endpoint_limits::counts& endpoint_limits::of(const std::string& token) {
    std::shared_ptr<counts>& found = by_token_[token];
    if (!found) found = std::make_shared<counts>();
    return *found;
}

bool endpoint_limits::is_full(const std::string& token) const {
    const auto found = by_token_.find(token);
    return found != by_token_.end() && found->second->under_way >= rules_.requests_at_once;
}

std::int64_t endpoint_limits::shut_for_ms(const std::string& token) const {
    const auto found = by_token_.find(token);
    if (found == by_token_.end() || found->second->failures < rules_.failures_per_minute) return 0;
    return std::max<std::int64_t>(0,
                                  found->second->minute_ends_ms - clock_.steady_ns() / 1'000'000);
}

endpoint_limits::place endpoint_limits::enter(const std::string& token) {
    of(token);
    return place(by_token_.at(token));
}

void endpoint_limits::count_failure(const std::string& token) {
    counts& one = of(token);
    const std::int64_t now = clock_.steady_ns() / 1'000'000;
    if (now >= one.minute_ends_ms) {
        one.failures = 0;
        one.minute_ends_ms = now + minute_ms;
    }
    ++one.failures;
}

}  // namespace sluice::trigger
