// Where callbacks run: one thread, one at a time. The real one stands in net/, a simulated one in
// base/manual_loop.hpp.
#pragma once

#include <cstdint>
#include <functional>

namespace sluice::base {

class event_loop {
  public:
    using timer_id = std::uint64_t;  // never 0

    virtual ~event_loop() = default;
    // Runs `work` later on the loop's thread, never inline, in order of posting. Any thread.
    virtual void post(std::function<void()> work) = 0;
    // Runs `work` on the loop's thread once, not before `delay_ms` milliseconds. Any thread.
    virtual timer_id run_after(std::int64_t delay_ms, std::function<void()> work) = 0;
    // Work that has not started will not run. Unknown or finished timers are ignored. Any thread.
    virtual void cancel(timer_id timer) = 0;
    virtual bool in_loop_thread() const = 0;
};

}  // namespace sluice::base
