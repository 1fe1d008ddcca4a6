// One run of one flow: a coroutine that walks the task list, journals what it finishes, and on a
// second life repeats the walk with the recorded outcomes instead of running those steps again.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/random.hpp"
#include "base/task.hpp"
#include "engine/fault.hpp"
#include "engine/journal.hpp"
#include "engine/ports.hpp"
#include "engine/scope.hpp"

namespace sluice::engine {

// What all executions of a host share. Everything outlives them.
struct surroundings {
    base::event_loop& loop;
    base::clock& clock;
    base::random_source& random;
    call_port& calls;
    store::store* store = nullptr;  // null: offline, nothing is kept
    // Runs work that blocks on disk somewhere else than on the loop. Not used offline.
    std::function<void(std::function<void()>)> run_blocking;
    // Around a wait: gives up the permit to run, and asks for one again before it goes on. Empty:
    // there are no permits (offline).
    std::function<void(store::event_id)> on_sleep;
    std::function<void(store::event_id, std::function<void()>)> on_wake;
    // Each finished step, recorded or new (`replayed`). May be empty.
    std::function<void(const store::step_record&, bool replayed)> on_step;
    std::int64_t max_steps = 100'000;  // of one execution: jumps back must end some time
};

struct start_of_execution {
    store::event_id id = 0;
    std::shared_ptr<const bound_flow> flow;
    json::value payload;
    std::int64_t accepted_ms = 0;
    std::vector<store::step_record> recorded;  // by earlier processes
    store::partition_id partition = 0;
    store::epoch_number epoch = 0;
};

struct end_of_execution {
    enum class kind { succeeded, failed, abandoned };
    // abandoned: stopped by cancel() or taken over by another owner; nothing was recorded.
    kind how = kind::abandoned;
    json::value output;  // succeeded
    fault error;         // failed
    std::int64_t ended_ms = 0;
};

class execution {
  public:
    execution(surroundings& host, start_of_execution start);
    ~execution();
    execution(const execution&) = delete;
    execution& operator=(const execution&) = delete;

    // (The destructor may come at any time; it ends the walk where it stands. Calls under way must
    // not report back afterwards.)
    //
    // Runs to the end; then, when the outcome is durable, `done` on the loop. The execution must
    // live until then. Once. Loop thread.
    void run(std::function<void(end_of_execution)> done);
    // Stops at the next possible place without recording an end; `done` still runs. A step that
    // ends while it stops is still recorded. Loop thread.
    void stop();

    // Waits for a time or for its turn after that.
    bool asleep() const { return end_wait_ != nullptr; }

  private:
    // How a task or a list ended.
    struct outcome {
        enum class kind { completed, end_flow, faulted };
        kind how = kind::completed;
        json::value output;
        fault error;
        const manifest::directive* then =
            nullptr;  // of a switch case or catch, instead of the task's
    };
    // A deadline while a block runs; restores the outer one.
    class deadline_guard;

    base::task<> main();
    base::task<outcome> run_list(const manifest::task_list& list, json::value input);
    base::task<outcome> run_task(const manifest::task& task, json::value raw_input);
    base::task<outcome> run_body(const manifest::task& task, const json::value& input);
    base::task<outcome> run_call(const manifest::task& task, const manifest::call_task& call,
                                 const json::value& input);
    base::task<outcome> run_try(const manifest::task& task, const manifest::try_task& body,
                                const json::value& input);
    outcome run_set(const manifest::task& task, const manifest::set_task& body,
                    const json::value& input);
    outcome run_switch(const manifest::task& task, const manifest::switch_task& body,
                       const json::value& input);
    outcome run_raise(const manifest::task& task, const manifest::raise_task& body,
                      const json::value& input);

    // Calls: what is sent (secrets put in at the last moment), and the outcome.
    base::result<connector_call> prepare_call(const manifest::call_task& call,
                                              json::value arguments);
    base::task<connector_reply> perform(const manifest::call_task& call, json::value arguments,
                                        std::string key);

    // `when` and not `exceptWhen`, as far as they are given.
    base::result<bool> passes(const std::optional<manifest::template_value>& when,
                              const std::optional<manifest::template_value>& except_when,
                              const json::value& input);
    std::int64_t retry_wait_ms(const manifest::retry_policy& policy, std::int64_t retry,
                               const fault& error);

    base::result<json::value> evaluate(const manifest::template_value& code,
                                       const json::value& input);
    base::result<bool> evaluate_condition(const manifest::template_value& code,
                                          const json::value& input);
    outcome faulted(fault error) const;
    outcome expression_fault(const base::error& failure, const manifest::task& task) const;
    base::task<bool> sleep_until(std::int64_t unix_ms);
    base::task<> wait_for(std::function<void(std::function<void()> go_on)> start);

    // The record of this run of a leaf task, when an earlier process made one.
    const store::step_record* replay(const manifest::task& task, std::int64_t run);
    void record(store::step_record step);
    store::step_record begin_step(const manifest::task& task, const char* kind);
    outcome end_step(store::step_record step, outcome result);
    outcome replayed_outcome(const store::step_record& step);
    bool past_deadline() const;

    surroundings& host_;
    start_of_execution start_;
    scope scope_;
    journal journal_;
    std::function<void(end_of_execution)> done_;
    // How often each task ran (numbers its records), and how often not counting the repetitions of
    // an enclosing retry (numbers its idempotency keys).
    std::unordered_map<std::string, std::int64_t> runs_;
    std::unordered_map<std::string, std::int64_t> visits_;
    std::unordered_map<std::string, std::string> pins_;  // connector -> "github 0.1.0"
    int attempt_ = 1;
    std::int64_t steps_ = 0;
    std::int64_t deadline_ms_ = 0;   // 0: none
    std::int64_t last_step_ms_ = 0;  // end of the last step, also of a recorded one
    bool stopped_ = false;
    call_port::operation running_call_ = 0;
    base::event_loop::timer_id running_timer_ = 0;
    // Continues the wait in progress; empty once it was called. Shared, because timers, permits and
    // stop() race for it.
    std::shared_ptr<std::function<void()>> end_wait_;
    std::optional<base::owned_task> root_;
};

}  // namespace sluice::engine
