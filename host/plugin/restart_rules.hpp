// When a connector's process may be started again, and when it has died too often.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>

namespace sluice::plugin {

struct isolation_timing {
    std::int64_t open_ms = 30'000;        // load and open
    std::int64_t close_ms = 5'000;        // from close until the process is killed
    std::int64_t ping_ms = 5'000;         // while calls run
    std::int64_t silence_ms = 15'000;     // without an answer: it hangs
    std::int64_t first_pause_ms = 1'000;  // before a new start; doubles with each death
    std::int64_t longest_pause_ms = 60'000;
    std::int64_t quiet_ms = 60'000;        // without a death: the pause is the first again
    std::int64_t quarantine_ms = 600'000;  // so many deaths within this time:
    std::size_t quarantine_deaths = 3;
    // Whoever ends at least so many calls for each death is of more use than in quarantine.
    std::uint64_t calls_per_death = 5;
};

// Of one connector. Times are the steady clock's.
class restart_rules {
  public:
    explicit restart_rules(const isolation_timing& timing) : timing_(timing) {}

    // A call came to its end in a process that lives on.
    void call_ended() { ++calls_ended_; }
    // The process died by the call with this idempotency key. True: not for the first time. The
    // last thousand keys are known.
    bool blame(const std::string& key);
    // `counts` false: it brings quarantine no nearer, because the same event has been counted.
    void died(std::int64_t now_ns, bool counts);
    // Nothing died, but a new start would fail as well now.
    void not_started(std::int64_t now_ns);
    // Out of quarantine: deaths until now do not count any more.
    void release();

    bool quarantined() const { return quarantined_; }
    std::int64_t pause_ms() const { return pause_ms_; }
    // No start before.
    std::int64_t next_start_ns() const { return next_start_ns_; }

  private:
    struct death {
        std::int64_t at_ns;
        std::uint64_t calls_ended;  // before it
    };
    void pause(std::int64_t now_ns);

    const isolation_timing timing_;
    std::uint64_t calls_ended_ = 0;
    std::uint64_t calls_at_pause_ = 0;
    std::deque<std::string> guilty_;
    std::deque<death> recent_;
    std::int64_t last_pause_ns_ = 0;
    std::int64_t next_start_ns_ = 0;
    std::int64_t pause_ms_ = 0;
    bool quarantined_ = false;
};

}  // namespace sluice::plugin
