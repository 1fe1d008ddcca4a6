// The real event loop: one thread, timers, signals; what sockets of this module run on.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "base/event_loop.hpp"

namespace sluice::net {

// Must outlive everything that was given a reference to it (servers, clients, responders).
class io_loop final : public base::event_loop {
  public:
    io_loop();
    ~io_loop() override;  // not while run() is active; work that has not run is dropped
    io_loop(const io_loop&) = delete;
    io_loop& operator=(const io_loop&) = delete;

    // Makes the calling thread the loop's thread until stop(). Work posted before runs first. May
    // be called again after it returned. Work that throws ends the process.
    void run();
    // run() returns after the work in progress. Any thread, also from a posted function; before
    // run() it makes the next run() return at once.
    void stop();

    void post(std::function<void()> work) override;
    timer_id run_after(std::int64_t delay_ms, std::function<void()> work) override;
    void cancel(timer_id timer) override;
    bool in_loop_thread() const override;

    // Calls `handler` on the loop's thread for each arrival of one of these signals (POSIX
    // numbers), instead of what the system would do. Before run() or on the loop's thread; lasts as
    // long as the loop. A handler that is itself destroyed earlier must not be captured.
    void add_signal_handler(std::vector<int> signals, std::function<void(int)> handler);

    // Monotonic milliseconds since an arbitrary point; for deadlines inside this module.
    static std::int64_t steady_ms();

    // For this module's sources only (io_loop_impl.hpp).
    struct impl;
    impl& internals() { return *impl_; }

  private:
    std::unique_ptr<impl> impl_;
};

}  // namespace sluice::net
