// An event loop without a thread: a test (or simulation) turns the crank and owns the time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "base/clock.hpp"
#include "base/event_loop.hpp"

namespace sluice::base {

class manual_loop final : public event_loop {
  public:
    explicit manual_loop(manual_clock& time) : time_(time) {}

    void post(std::function<void()> work) override;
    timer_id run_after(std::int64_t delay_ms, std::function<void()> work) override;
    void cancel(timer_id timer) override;
    bool in_loop_thread() const override { return true; }

    // Runs everything posted and every timer that is due. Returns how much ran.
    std::size_t run_ready();
    // One of them; false when nothing is ready.
    bool run_one() { return run_one_posted() || run_one_timer_due(); }
    // Moves the clock to the next timer and runs it; false when there is no timer.
    bool advance_to_next_timer();
    // Moves the clock, running timers in order as they come due.
    void advance_ms(std::int64_t by);
    // Forgets everything posted and all timers, as a process that dies does.
    void clear();

  private:
    std::int64_t now_ms();
    std::optional<std::int64_t> next_due_ms();
    bool run_one_posted();
    bool run_one_timer_due();

    manual_clock& time_;
    std::mutex mutex_;
    std::deque<std::function<void()>> posted_;
    std::map<std::pair<std::int64_t, timer_id>, std::function<void()>> timers_;
    std::map<timer_id, std::int64_t> due_;  // the other half of the key in timers_
    timer_id last_timer_ = 0;
};

}  // namespace sluice::base
