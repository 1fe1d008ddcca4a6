// The orderly end of a host: everything at once, everything inside one deadline.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

#include "base/clock.hpp"
#include "base/event_loop.hpp"

namespace sluice::cli {

// What is drained. Each `done` runs later, once, on the loop.
struct drain_ports {
    base::event_loop& loop;
    base::clock& clock;
    // Answers what has arrived, takes nothing new; `done` gets how many were cut off.
    std::function<void(std::int64_t deadline_ms, std::function<void(std::size_t)> done)> server;
    // Starts nothing more; running executions go on until the deadline, then they are parked.
    std::function<void(std::int64_t deadline_ms, std::function<void()> done)> engine;
    // No execution runs any more: whoever waits for the end of one is told where to look for it.
    std::function<void()> answer_callers;
    // `done` gets how many connectors still run and were left open.
    std::function<void(std::int64_t patience_ms, std::function<void(std::size_t)> done)> connectors;
    // Everything has ended, or the deadline is over. Once.
    std::function<void(bool cut_off)> end;
};

// Loop thread. Lives until `end` ran.
class drain {
  public:
    explicit drain(drain_ports ports);

    // Engine and server drain side by side: new executions would only delay the end, and callers of
    // synchronous flows hold up the server as long as the engine works for them. The engine gets
    // the time less two graces, so that its callers still get answers; the server less one, so
    // that connectors still close.
    void start(std::int64_t deadline_ms);

  private:
    void part_ended();
    void finish(bool cut_off);

    drain_ports ports_;
    std::int64_t end_ms_ = 0;  // of the steady clock
    int parts_left_ = 2;
    bool cut_off_ = false;
    bool finished_ = false;
    base::event_loop::timer_id hard_stop_ = 0;
};

}  // namespace sluice::cli
