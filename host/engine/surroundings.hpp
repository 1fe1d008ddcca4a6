// What all executions of a host share.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/ids.hpp"
#include "base/random.hpp"
#include "engine/fault.hpp"
#include "engine/ports.hpp"
#include "engine/raised_alerts.hpp"
#include "engine/signals.hpp"
#include "engine/token_cache.hpp"
#include "plugin/blob_http.hpp"
#include "plugin/http_port.hpp"
#include "store/store.hpp"

namespace sluice::engine {

struct start_of_execution {
    store::event_id id = 0;
    std::shared_ptr<const bound_flow> flow;
    json::value payload;
    std::int64_t accepted_ms = 0;
    std::int64_t deadline_ms = 0;              // 0: none but the flow's own timeout
    std::int64_t resumed_ms = 0;               // when it was last resumed; 0: never
    std::vector<store::step_record> recorded;  // by earlier processes
    store::partition_id partition = 0;
    store::epoch_number epoch = 0;
    bool unrecorded = false;  // record: none: nothing is written
    // The event itself, when it is to become durable with the execution's first record.
    std::unique_ptr<store::new_event> event;
    bool awaited = false;  // another execution waits for its output
};

struct delivery;

struct end_of_execution {
    enum class kind { succeeded, failed, cancelled, abandoned };
    // abandoned: stopped by the host or taken over by another owner; nothing was recorded.
    kind how = kind::abandoned;
    json::value output;  // succeeded
    fault error;         // failed
    std::int64_t ended_ms = 0;
    bool retry_later = false;  // abandoned, because the disk did not take its records
    bool parked = false;       // abandoned by park(); what it did so far is durable
    // Durable with the end: what tells the result to somebody. Null: nobody wants to know.
    std::shared_ptr<const delivery> follows;
    // The alerts that it raises or clears.
    std::vector<alert_under_way> alerts;
};

// A flow that another execution starts. Loop thread.
class child_port {
  public:
    struct request {
        const start_of_execution* parent = nullptr;  // valid during the call
        std::string flow;                            // of the same integration and version
        json::value input;
        std::string lane_key;
        bool awaited = false;  // the parent waits for its output
    };
    using noted = std::function<void(store::event_id)>;
    using begun = std::function<void(base::result<store::event_id>)>;
    virtual ~child_port() = default;
    // Starts the flow. `note` runs at once, with the child's id, and adds the step that names it to
    // `records`: both become durable in one transaction. It does not run when there is no such
    // flow. `started` runs later, once, when the child is durable.
    virtual void start(request what, journal& records, const noted& note, begun started) = 0;
    // `ended` runs later, once, when the child has ended, also when it had already.
    virtual void await_end(store::event_id child, std::function<void(end_of_execution)> ended) = 0;
    // Asks a child to end soon. Unknown and ended ones are ignored.
    virtual void cancel(store::event_id child) = 0;
};

// One task that was run, for traces.
struct task_trace {
    const manifest::task* task = nullptr;
    std::int64_t number = 0;  // counts tasks by their start
    std::int64_t started_ms = 0;
    std::int64_t ended_ms = 0;
    json::value input;             // transformed
    json::value output;            // transformed
    const fault* error = nullptr;  // null: it completed
};

struct execution_limits {
    std::int64_t max_jumps = 100'000;  // backwards, of one execution: they must end some time
    // Rounds of a loop that are kept one by one in the journal; then they become one record.
    std::int64_t loop_chunk = 1'000;
    // After so many tasks, or so many bytes of records, an execution lets others run and waits for
    // its records to be durable.
    int tasks_in_a_row = 500;
    std::size_t records_in_a_row = 1u << 20;
    std::size_t largest_journal = 1u << 30;  // bytes of records of one run
};

// Everything here outlives the executions.
struct surroundings {
    surroundings(base::event_loop& on, base::clock& time, base::random_source& dice,
                 call_port& connectors)
        : loop(on), clock(time), random(dice), calls(connectors), tokens(on, time, dice) {}

    base::event_loop& loop;
    base::clock& clock;
    base::random_source& random;
    call_port& calls;
    token_cache tokens;
    store::store* store = nullptr;       // null: offline, nothing is kept
    plugin::blob_http* files = nullptr;  // HTTP with files on either side; null: `http` serves
    plugin::http_port* http = nullptr;   // null: no network
    child_port* children = nullptr;      // null: flows cannot start flows
    signal_log* signals = nullptr;       // null: no events
    base::id_generator* ids = nullptr;   // of events that ends append; null: results stay here
    flow_source* flows = nullptr;        // knows who is alerted of ends; null: nobody
    raised_alerts alerts;                // of all instances
    // Durable values of a run that keeps nothing, by scope and key; null: there are none.
    std::map<std::string, json::value>* memory_state = nullptr;
    // Runs work that blocks on disk somewhere else than on the loop. Not used offline.
    std::function<void(std::function<void()>)> run_blocking;
    // Around a wait: gives up the permit to run, and asks for one again before it goes on. Empty:
    // there are no permits (offline).
    std::function<void(store::event_id)> on_sleep;
    std::function<void(store::event_id, std::function<void()>)> on_wake;
    // Each finished step, recorded or new (`replayed`). May be empty.
    std::function<void(const store::step_record&, bool replayed)> on_step;
    // Each task that ended. May be empty.
    std::function<void(const task_trace&)> on_task;
    execution_limits limits;
};

}  // namespace sluice::engine
