#include "plugin/restart_rules.hpp"

#include <algorithm>

namespace sluice::plugin {

namespace {

constexpr std::size_t remembered_keys = 1'000;
constexpr std::int64_t ms = 1'000'000;

}  // namespace

bool restart_rules::blame(const std::string& key) {
    if (key.empty()) return false;
    if (std::ranges::find(guilty_, key) != guilty_.end()) return true;
    guilty_.push_back(key);
    if (guilty_.size() > remembered_keys) guilty_.pop_front();
    return false;
}

void restart_rules::pause(std::int64_t now_ns) {
    const bool quiet = pause_ms_ == 0 || now_ns - last_pause_ns_ > timing_.quiet_ms * ms;
    const bool of_use = calls_ended_ - calls_at_pause_ >= timing_.calls_per_death;
    pause_ms_ = quiet || of_use ? timing_.first_pause_ms
                                : std::min(pause_ms_ * 2, timing_.longest_pause_ms);
    next_start_ns_ = now_ns + pause_ms_ * ms;
    last_pause_ns_ = now_ns;
    calls_at_pause_ = calls_ended_;
}

void restart_rules::not_started(std::int64_t now_ns) { pause(now_ns); }

void restart_rules::died(std::int64_t now_ns, bool counts) {
    pause(now_ns);
    if (!counts) return;
    recent_.push_back({now_ns, calls_ended_});
    while (now_ns - recent_.front().at_ns > timing_.quarantine_ms * ms)
        recent_.pop_front();
    const std::uint64_t ended = calls_ended_ - recent_.front().calls_ended;
    if (recent_.size() < timing_.quarantine_deaths ||
        ended >= timing_.calls_per_death * recent_.size()) {
        return;
    }
    quarantined_ = true;
}

void restart_rules::release() {
    recent_.clear();
    quarantined_ = false;
    next_start_ns_ = 0;
    pause_ms_ = 0;
}

}  // namespace sluice::plugin
