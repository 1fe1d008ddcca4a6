// The durable queue and history behind one interface: batches only, no SQL above it.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "store/types.hpp"

namespace sluice::store {

// What anyone may read, also while another process owns the store. Each function may block on disk
// (call it from a pool thread or a command, not from the event loop), any thread.
class reader {
  public:
    virtual ~reader() = default;
    virtual base::result<std::vector<execution_summary>> history(const history_filter& filter) = 0;
    // not_found when there is none.
    virtual base::result<execution_detail> execution(event_id id) = 0;
    virtual base::result<std::vector<config_record>> config(const std::string& kind) = 0;
    // Those with the greatest keys below `before` (empty: of all), greatest first.
    virtual base::result<std::vector<config_record>> config_before(const std::string& kind,
                                                                   const std::string& before,
                                                                   int limit) = 0;
    virtual base::result<health_report> health() = 0;
    // What was logged about an execution, oldest first, numbers above `after`.
    virtual base::result<std::vector<log_line>> log_lines(event_id id, std::int64_t after,
                                                          int limit) = 0;
    // Writes a complete, consistent copy of everything durable now to a new file. Changes go on
    // meanwhile. Takes as long as the store is large.
    virtual base::result<void> copy_to(const std::string& file) = 0;
};

class store : public reader {
  public:
    using appended = std::function<void(base::result<std::vector<append_outcome>>)>;
    using committed = std::function<void(base::result<commit_outcome>)>;
    using done = std::function<void(base::result<void>)>;
    using removed = std::function<void(base::result<std::vector<event_id>>)>;

    // Queues events; `done` runs on the writer's thread after they are durable (fsynced), in order
    // of queueing, and must not block. Order is kept per instance. A disk error fails every queued
    // batch with `unavailable` and makes the store refuse everything from then on (see on_fatal).
    // Any thread.
    virtual void append(std::vector<new_event> events, appended done) = 0;

    // Queues one all-or-nothing batch of changes to events of one partition. `done` as above.
    virtual void commit(partition_id partition, epoch_number epoch, std::vector<op> ops,
                        committed done) = 0;

    // Configuration: all changes or none, each with a version check; `conflict` names the first
    // that does not fit. Durable at `done`, which runs as above.
    virtual void change_config(std::vector<config_change> changes, done finished) = 0;
    void put_config(config_record record, done finished) {
        change_config({{std::move(record), false}}, std::move(finished));
    }

    // Retention, first half: looks at up to `limit` executions by id, above `after`, and gives
    // those that ended before `before_ms` and have no parent and no child that has not ended.
    // Blocks.
    virtual base::result<ended_page> ended_before(std::int64_t before_ms, event_id after,
                                                  int limit) = 0;
    // Second half: removes event, payload, outcome and steps of executions that have ended; others
    // are left alone. `done` as above, with the ids that are gone. It removes a bounded number of
    // rows: an execution with very many steps is gone after a few calls.
    virtual void remove(std::vector<event_id> ended, removed done) = 0;
    // Those of the ids that no event has. Blocks.
    virtual base::result<std::vector<event_id>> unknown_of(const std::vector<event_id>& ids) = 0;

    // Leases. SQLite: always granted, with the epoch of this process (its boot number).
    virtual base::result<epoch_number> acquire(partition_id partition) = 0;
    virtual base::result<void> renew(partition_id partition, epoch_number epoch) = 0;
    virtual void release(partition_id partition, epoch_number epoch) = 0;

    // Events that are not terminal, by id, above `after`; scheduling fields only. Blocks.
    virtual base::result<std::vector<ready_event>> load_ready(partition_id partition,
                                                              event_id after, int limit) = 0;
    // The same over all partitions this process holds.
    virtual base::result<std::vector<ready_event>> load_ready_all(event_id after, int limit) = 0;
    // The payload of an event. Blocks.
    virtual base::result<std::string> payload(event_id id) = 0;
    // Recorded steps of an event, in order of recording. Blocks.
    virtual base::result<std::vector<step_record>> checkpoints(event_id id) = 0;
    // A value of sluice.state/1; version 0 when there is none. Blocks.
    virtual base::result<state_value> state_get(const std::string& instance,
                                                const std::string& flow,
                                                const std::string& key) = 0;
    // The largest event id ever stored; 0 when empty. Blocks.
    virtual base::result<event_id> last_id() = 0;
    // Emitted events of an instance with a number above `after`, oldest first. Blocks.
    virtual base::result<std::vector<signal_record>> signals(const std::string& instance,
                                                             std::int64_t after, int limit) = 0;
    // The number of the newest emitted event of any instance; 0 when there is none. Blocks.
    virtual base::result<std::int64_t> last_signal() = 0;

    // Waits until everything queued is durable, checkpoints and closes. Idempotent. Blocks.
    virtual void close() = 0;
};

}  // namespace sluice::store
