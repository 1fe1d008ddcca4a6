#include "plugin/log_budget.hpp"

#include <utility>

namespace sluice::plugin {

log_budget::log_budget(base::clock& clock, std::string who)
    : clock_(clock), who_(std::move(who)), period_began_ns_(clock.steady_ns()) {}

log_budget::~log_budget() { tell(left_out_); }

bool log_budget::allows(base::log_level level, std::size_t bytes) {
    if (!base::is_logged(level)) return true;
    const std::size_t cost = 1 + (bytes >> 10);
    std::uint64_t left_out = 0;
    bool fits = false;
    {
        const std::lock_guard lock(mutex_);
        const std::int64_t now_ns = clock_.steady_ns();
        if (now_ns - period_began_ns_ >= period_ms * 1'000'000) {
            period_began_ns_ = now_ns;
            left_ = lines;
            left_out = std::exchange(left_out_, 0);
        }
        fits = cost <= left_;
        if (fits) {
            left_ -= cost;
        } else {
            ++left_out_;
        }
    }
    tell(left_out);
    return fits;
}

void log_budget::tell(std::uint64_t left_out) const {
    if (left_out == 0) return;
    base::log(base::log_level::warning,
              std::to_string(left_out) + " lines of a connector were left out of the log",
              {{"connector", who_}});
}

}  // namespace sluice::plugin
