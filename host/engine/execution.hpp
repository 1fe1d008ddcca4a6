// One run of one flow: walks the task list, journals what it finishes, and on a second life repeats
// the walk with the recorded outcomes instead of running those steps again.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/task.hpp"
#include "engine/journal.hpp"
#include "engine/outcome.hpp"
#include "engine/surroundings.hpp"
#include "engine/walk.hpp"

namespace sluice::engine {

// Belongs to the event loop's thread.
class execution {
  public:
    // The surroundings outlive it.
    execution(surroundings& host, start_of_execution start);
    ~execution();
    execution(const execution&) = delete;
    execution& operator=(const execution&) = delete;

    // Starts the walk. `done` is called once, later, on the loop, when the end is durable (or the
    // execution stopped); it may destroy the execution.
    void run(std::function<void(end_of_execution)> done);

    // Ends the walk at its next step, cancelling what runs. Everything recorded so far stays; the
    // execution can be resumed. `done` is called.
    void stop();
    // The same, for one that rests: it is to go on from its records when its time has come.
    void park();
    // The same as stop(), but the end is recorded: the execution is over.
    void cancel();

    // Nothing of it runs: all of it waits for a time, an event or another execution.
    bool asleep() const { return busy_ == 0; }
    // When the first of its waits is over; 0: something of it does not wait for a time, or there is
    // no record yet to go on from.
    std::int64_t rests_until() const;

    // For its walks.
    surroundings& host() { return host_; }
    const start_of_execution& start() const { return start_; }
    journal& records() { return journal_; }
    // When it was last taken up again after an end; 0: never.
    std::int64_t resumed_ms() const { return start_.resumed_ms; }
    bool stopping() const { return stopped_; }
    bool cancelling() const { return cancelled_; }
    // Its event becomes durable only together with its end: until then nothing may be sent.
    bool brings_event() const { return brings_event_; }

    // How often each task ran (numbers its records), and how often not counting the repetitions of
    // an enclosing retry (numbers its idempotency keys).
    using counters = std::unordered_map<std::string, std::int64_t>;
    counters& runs() { return runs_; }
    counters& visits() { return visits_; }
    // The version of a connector that it keeps to.
    struct pin {
        std::string version;   // "github 0.1.0"; empty: none yet
        bool durable = false;  // a restart will know it
    };
    pin& pin_of(const std::string& connector) { return pins_[connector]; }
    std::int64_t& jumps() { return jumps_; }
    // Steps of this process, replayed ones included.
    std::int64_t& steps() { return steps_; }
    std::int64_t next_trace() { return ++traces_; }

    // When the execution began to run, also after restarts (unlike the time it was accepted, which
    // may be long before, in a queue). Waits and limits of time count from here.
    std::int64_t started_ms() const { return started_ms_; }
    // Now, as the begin of a step.
    std::int64_t begin_step_ms();

    // A walk has nothing to do until `due_ms` (0: it waits for something else than a time).
    void go_idle(std::int64_t due_ms);
    // It goes on: at once (then true), or `go_on` runs when the host gives a permit again.
    bool come_back(std::int64_t due_ms, std::function<void()> go_on);
    // The permit is not wanted any more (the walk was cancelled while it asked).
    void come_back_without_permit() { ++busy_; }
    // Walks begin and end with the branches of a fork.
    void add_busy(int count);

  private:
    base::task<> main();
    void end(outcome result);
    void settle();

    surroundings& host_;
    start_of_execution start_;
    bool brings_event_;
    journal journal_;
    std::function<void(end_of_execution)> done_;
    counters runs_;
    counters visits_;
    std::unordered_map<std::string, pin> pins_;  // by connector
    std::int64_t steps_ = 0;
    std::int64_t started_ms_;
    bool began_ = false;  // some step
    std::int64_t jumps_ = 0;
    std::int64_t traces_ = 0;
    bool stopped_ = false;
    bool cancelled_ = false;
    bool retry_later_ = false;
    bool parks_ = false;
    int busy_ = 1;  // walks that are not idle
    bool has_permit_ = true;
    bool asked_for_permit_ = false;
    std::multiset<std::int64_t> dues_;                // of idle walks
    std::vector<std::function<void()>> want_permit_;  // of walks that want to go on
    walk walk_;
    std::optional<base::owned_task> root_;
};

}  // namespace sluice::engine
