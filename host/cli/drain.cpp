#include "cli/drain.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "base/log.hpp"

namespace sluice::cli {
namespace {

constexpr std::int64_t longest_grace_ms = 2'000;
// Closing what is idle takes time, too: also a host that waits for nothing gets this much.
constexpr std::int64_t least_deadline_ms = 1'000;

std::int64_t steady_ms(base::clock& clock) { return clock.steady_ns() / 1'000'000; }

}  // namespace

drain::drain(drain_ports ports) : ports_(std::move(ports)) {}

void drain::start(std::int64_t deadline_ms) {
    const std::int64_t whole_ms = std::max(deadline_ms, least_deadline_ms);
    const std::int64_t grace_ms = std::min(longest_grace_ms, whole_ms / 5);
    end_ms_ = steady_ms(ports_.clock) + whole_ms;
    hard_stop_ = ports_.loop.run_after(whole_ms, [this] {
        base::log(base::log_level::warning, "the drain's deadline is over; ending at once");
        hard_stop_ = 0;
        finish(true);
    });
    const std::int64_t work_ms = std::min(deadline_ms, whole_ms - 2 * grace_ms);
    ports_.engine(work_ms, [this] {
        ports_.answer_callers();
        part_ended();
    });
    ports_.server(whole_ms - grace_ms, [this](std::size_t unanswered) {
        if (unanswered > 0) {
            base::log(base::log_level::warning, "requests were cut off by the drain's deadline",
                      {{"count", std::to_string(unanswered)}});
            cut_off_ = true;
        }
        part_ended();
    });
}

// Connectors last: requests are verified by them to the end.
void drain::part_ended() {
    if (--parts_left_ > 0 || finished_) return;
    const std::int64_t left_ms = end_ms_ - steady_ms(ports_.clock);
    // Less than all of it, or the hard stop would come first.
    ports_.connectors(std::max<std::int64_t>(0, left_ms * 3 / 4),
                      [this](std::size_t left_open) { finish(cut_off_ || left_open > 0); });
}

void drain::finish(bool cut_off) {
    if (std::exchange(finished_, true)) return;
    if (hard_stop_ != 0) ports_.loop.cancel(hard_stop_);
    ports_.end(cut_off);
}

}  // namespace sluice::cli
