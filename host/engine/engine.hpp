// Runs accepted events to their end: picks them up in order, one coroutine each, again after a
// restart, and stops in an orderly way.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.hpp"
#include "base/event_loop.hpp"
#include "base/random.hpp"
#include "base/result.hpp"
#include "engine/children.hpp"
#include "engine/execution.hpp"
#include "engine/ports.hpp"
#include "engine/scheduler.hpp"
#include "engine/store_signals.hpp"
#include "store/store.hpp"

namespace sluice::engine {

struct engine_options {
    limits limit;
    // Payloads of accepted events that wait for their turn are kept in memory up to this; the
    // others are read from the store when they start.
    std::size_t waiting_payload_bytes = 64u << 20;
    // Executions that sleep in memory. Of those beyond, who waits for a time that is not near is
    // parked: only its place in the schedule stays, and it goes on from its records.
    std::size_t sleeping = 20'000;
    execution_limits of_each;         // of each execution
    std::size_t unrecorded = 10'000;  // executions with record: none at once
};

// Everything here outlives the engine.
struct engine_ports {
    base::event_loop& loop;
    base::clock& clock;
    base::random_source& random;
    store::store& store;
    flow_source& flows;
    call_port& calls;
    base::id_generator& ids;
    plugin::http_port* http = nullptr;   // for call: http; null: no network
    plugin::blob_http* files = nullptr;  // the same with files on either side; null: without
    // Runs work that blocks on disk somewhere else than on the loop.
    std::function<void(std::function<void()>)> run_blocking;
    // Each recorded end, for those who count. May be empty.
    std::function<void(const std::string& instance, const std::string& flow,
                       store::event_state state)>
        on_counted = {};
};

struct engine_stats {
    std::size_t queued = 0;    // accepted, waiting for their turn
    std::size_t running = 0;   // with a permit
    std::size_t alive = 0;     // started and in memory, sleeping ones included
    std::size_t parked = 0;    // not in memory; they go on at a later time
    std::size_t stranded = 0;  // their flow is not deployed here; they wait in the store
    std::uint64_t succeeded = 0;
    std::uint64_t failed = 0;
    std::uint64_t cancelled = 0;
};

// An execution that is to go on after its end (plan_resume).
struct resumption {
    store::ready_event event;
    store::reopen_op change;
};

// Loop thread (recover(): before the loop runs).
class engine {
  public:
    using end_observer = std::function<void(store::event_id, const end_of_execution&)>;

    engine(engine_ports ports, engine_options options);
    ~engine();
    engine(const engine&) = delete;
    engine& operator=(const engine&) = delete;

    // Queues everything the store holds that has not ended, after showing each to `found` (may be
    // empty). Blocks. Returns how many.
    base::result<std::size_t> recover(
        const std::function<void(const store::ready_event&)>& found = {});

    // Queues an event that store::append has made durable. `payload` is the parsed payload_json.
    void accept(const store::new_event& event, store::event_id id, json::value payload);

    // Runs a flow of which nothing is kept (record: none): no queue, no lane, no permit. Returns
    // what cancel() takes; 0, and nothing happens, when too many of them run. `done` runs later,
    // once, on the loop.
    store::event_id run_unrecorded(std::shared_ptr<const bound_flow> flow, json::value payload,
                                   std::function<void(const end_of_execution&)> done);

    // Whether run_at_once() takes the event: nothing has to be in order or counted, and the flow
    // only computes.
    bool runs_at_once(const bound_flow& flow, const store::new_event& event) const;
    // Runs an event that is not in the store yet; it becomes durable in one transaction with what
    // comes of it. `done` runs later, once, on the loop; `abandoned`: nothing was written, and the
    // event is not accepted.
    void run_at_once(std::shared_ptr<const bound_flow> flow, store::new_event event,
                     json::value payload, std::function<void(const end_of_execution&)> done);

    // Ends an execution and those it has started: recorded as cancelled, running calls are asked to
    // end. False when it is not here (over, or not known).
    bool cancel(store::event_id id);
    // Takes these up again, in one transaction; they are of one instance. `done` runs later, once,
    // on the loop. conflict: one of them is not over; nothing has happened then.
    void resume(std::vector<resumption> family, std::function<void(base::result<void>)> done);
    // Whether it waits or runs here.
    bool holds(store::event_id id) const;

    // Whom `wanted` names is never parked: somebody waits for its result now.
    void keep_in_memory(std::function<bool(store::event_id)> wanted) {
        wanted_ = std::move(wanted);
    }

    // Called after each end that is durable.
    void observe_ends(end_observer observer) { observer_ = std::move(observer); }

    // Starts nothing more, lets running steps end until `deadline_ms` from now, parks the rest at
    // their last record, then calls `done` (later, once).
    void drain(std::int64_t deadline_ms, std::function<void()> done);

    engine_stats stats() const;
    // Of all instances; known after recover(). Lives as long as the engine.
    raised_alerts& alerts() { return surroundings_.alerts; }

  private:
    struct waiting_event;
    struct running;
    struct loaded;

    void take_up(store::ready_event one);
    void add(waiting_event event, std::string lane_key, std::int64_t due_ms);
    void start(const runnable& item);
    void load(store::event_id id, waiting_event event);
    void on_loaded(store::event_id id, waiting_event event, loaded found);
    void strand(store::event_id id, const waiting_event& event, const base::error& why);
    void start_again(store::event_id id, waiting_event event);
    void start_at(store::event_id id, waiting_event event, std::int64_t due_ms);
    bool too_many_asleep() const;
    void park(store::event_id id);
    void leave(store::event_id id);
    void end_waiting(store::event_id id, waiting_event& event);
    void record_early_end(store::event_id id, const waiting_event& event, json::value payload);
    void ended_early(store::event_id id, const waiting_event& event, const end_of_execution& end,
                     const base::result<store::commit_outcome>& recorded);
    void launch(store::event_id id, waiting_event event, std::vector<store::step_record> recorded);
    void ended(store::event_id id, const end_of_execution& end);
    base::result<store::epoch_number> epoch_of(store::partition_id partition);
    void accept_what_follows(const end_of_execution& end);
    void count_end(const waiting_event& event, const end_of_execution& end);
    void stop_all();
    void check_drained();

    engine_ports ports_;
    engine_options options_;
    children children_;
    store_signals signals_;
    surroundings surroundings_;
    scheduler scheduler_;
    end_observer observer_;
    std::function<bool(store::event_id)> wanted_;
    std::unordered_map<store::event_id, waiting_event> waiting_;
    std::size_t waiting_bytes_ = 0;
    // Without a permit: those of which nothing is kept, and those that run at once.
    std::unordered_map<store::event_id, std::unique_ptr<execution>> unrecorded_;
    std::unordered_map<store::event_id, running> running_;
    std::unordered_map<store::partition_id, store::epoch_number> epochs_;
    // What is being read from the store; true: it was cancelled meanwhile.
    struct loading {
        store::event_id belongs_to = 0;  // the execution that is cancelled with it; 0: none
        bool cancelled = false;
    };
    std::unordered_map<store::event_id, loading> loading_;
    engine_stats counted_;
    bool draining_ = false;
    base::event_loop::timer_id drain_timer_ = 0;
    std::function<void()> drained_;
};

}  // namespace sluice::engine
