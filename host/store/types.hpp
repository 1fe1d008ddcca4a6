// What goes into the store and comes out of it. Plain data; texts are JSON where the name says so.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sluice::store {

using event_id = std::int64_t;

// 256 slices of all instances. An owner holds a partition under an epoch and every write names
// both: a former owner's write is refused ("fenced"). In SQLite one process owns all of them.
using partition_id = std::uint16_t;
using epoch_number = std::uint64_t;
inline constexpr partition_id partition_count = 256;
partition_id partition_of(const std::string& instance);

// ready -> running -> (ready | waiting | a terminal state). Terminal states are written once.
enum class event_state : std::uint8_t {
    ready,    // may start now
    running,  // has journaled at least one step and is owned
    waiting,  // until due_ms
    succeeded,
    failed,       // ended by a fault; body and journal are kept
    quarantined,  // its steps killed the process too often
    cancelled,
};
bool is_terminal(event_state state);
const char* to_string(event_state state);

struct new_event {
    event_id id = 0;  // from base::id_generator, unique
    std::string instance;
    std::string flow;
    std::string flow_version;  // hash of the manifest the execution is bound to for life
    std::string kind;          // trigger kind: "webhook", "schedule", ...
    std::string lane_key;      // executions of a flow with equal keys run in order; empty: none
    std::string dedupe_key;    // empty: no deduplication
    // What two events with one dedupe key must share to be the same event; empty: the payload.
    std::string dedupe_content;
    std::string payload_json;  // the trigger's payload, $trigger of the flow
    std::int64_t accepted_ms = 0;
    std::int64_t deadline_ms = 0;  // 0: none
    event_id parent = 0;           // 0: none
};

struct append_outcome {
    enum class kind : std::uint8_t {
        stored,
        duplicate,           // same key and same content: `id` is the first execution's
        stored_despite_key,  // same key, other content: accepted as new, because losing is worse
        refused,             // `reason` says why (disk reserve reached, id taken); nothing written
    };
    kind what = kind::stored;
    event_id id = 0;
    std::string reason;
};

// An end of the process while a step of an event was inside a connector's code.
struct death {
    enum kind {
        crash,        // by the thread that ran this very step
        unexplained,  // killed from outside, out of memory, the power cut: it may have been any of
                      // them
    };
    // An event that has so many is not tried again: three crashes, or a dozen ends that nobody
    // explained, because a step that fills the memory must not take the host with it for ever.
    static constexpr int most_points = 12;

    event_id event = 0;
    kind how = crash;

    int points() const { return how == crash ? most_points / 3 : 1; }
};

struct ready_event {
    event_id id = 0;
    std::string instance;
    std::string flow;
    std::string flow_version;
    std::string lane_key;
    event_state state = event_state::ready;
    std::int64_t accepted_ms = 0;
    std::int64_t due_ms = 0;  // 0: now
    std::int64_t deadline_ms = 0;
    event_id parent = 0;
    std::string kind;
    int death_points = 0;         // see death::points(), summed up
    std::int64_t resumed_ms = 0;  // when it was last taken up again after an end; 0: never
};

// A finished step. `path` is the JSON pointer of the task, `item` numbers repeated runs of the same
// task within the execution (loop rounds, jumps back), from 0.
struct step_record {
    std::string path;
    std::int64_t item = 0;
    std::string name;
    std::string kind;  // "call", "set", ...
    int attempt = 1;   // the attempt that gave this outcome
    std::int64_t started_ms = 0;
    std::int64_t ended_ms = 0;
    bool ok = true;
    std::string input_json;   // may be empty (not recorded)
    std::string output_json;  // when ok
    std::string error_json;   // when not ok
    std::string connector;    // "github 0.1.0" for calls, else empty
};

struct checkpoint_op {
    event_id event = 0;
    step_record step;
};
// One record in the place of several: `step` is written over a record of the same path and item,
// and records of these paths with an item from the given one on are removed.
struct collapse_op {
    event_id event = 0;
    step_record step;
    std::vector<std::pair<std::string, std::int64_t>> forget;
};
struct park_op {  // ready again at due_ms
    event_id event = 0;
    std::int64_t due_ms = 0;
};
struct finish_op {
    event_id event = 0;
    event_state state = event_state::succeeded;  // a terminal one
    std::string output_json;
    std::string error_json;
    std::int64_t ended_ms = 0;
    // Removes what the event and its steps carried (the payload reads as empty text from then on);
    // names, times and outcomes stay.
    bool keep_metadata_only = false;
    // With keep_metadata_only: the output stays until somebody who waits for it has taken it.
    bool keep_output = false;
};
// An execution that is over goes on: ready again, its end and the records of `forget` kept as an
// earlier attempt. `conflict` when it is not over. Its deadline is forgotten: nobody waits any
// more.
struct reopen_op {
    event_id event = 0;
    std::string flow_version;  // it goes on with
    std::int64_t at_ms = 0;
    std::vector<std::pair<std::string, std::int64_t>> forget;  // path and item
    std::vector<step_record> replace;  // over the records of the same path and item
};
// What was logged about an execution; also when it is over. Lines beyond a bound are left out.
struct log_line {
    std::int64_t number = 0;  // filled by the store, counts up
    std::int64_t at_ms = 0;
    std::string level;  // "info"
    std::string text;
};
struct log_op {
    event_id event = 0;
    std::vector<log_line> lines;
};
inline constexpr int most_log_lines = 1000;  // of one execution
// Whoever waited for the output of an ended execution has recorded it: it may go.
struct take_output_op {
    event_id event = 0;
};
// A durable value of sluice.state/1. `expected`: nothing = any, 0 = must not exist.
struct state_put_op {
    std::string instance;
    std::string flow;
    std::string key;
    std::string value_json;
    bool remove = false;
    std::optional<std::uint64_t> expected;
    // A value of all instances: it belongs to no partition, so every owner may write it.
    bool shared = false;
};
struct append_op {  // a child event, in the same transaction
    new_event event;
    // Nobody has accepted it yet: refused when the disk is nearly full. The first op of its batch.
    bool from_outside = false;
    // Filled before `done` of the commit runs; null: nobody asks.
    std::shared_ptr<append_outcome> told = nullptr;
};
// An event that a flow emits, for listeners of the same instance.
struct emit_op {
    std::string instance;
    std::string event_json;
    std::int64_t emitted_ms = 0;
};
// What an operator is told of once, and what stays until it is cleared. As long as it is raised it
// has a record of the configuration of this kind; raising it again is counted there.
inline constexpr const char* alert_kind = "alert";
struct alert_outcome {
    bool changed = false;              // it was not in that state before
    std::optional<new_event> message;  // that was stored
};
struct alert_op {
    std::string instance;
    std::string key;  // of the record; begins with "INSTANCE/"
    bool raised = true;
    // An object, of the latest time: the record, which also gets `since` (ms) and `count`.
    std::string detail_json;
    std::int64_t at_ms = 0;
    // Tells of the change: stored when there is one. Its payload, an object, gets the record, when
    // it is cleared as it last was, as its member `alert`. Nothing: nobody is told.
    std::optional<new_event> message;
    // Filled before `done` of the commit runs; null: nobody asks.
    std::shared_ptr<alert_outcome> told;
};
using op = std::variant<checkpoint_op, collapse_op, park_op, finish_op, take_output_op,
                        state_put_op, append_op, emit_op, reopen_op, log_op, alert_op>;

struct signal_record {
    std::int64_t number = 0;  // counts up over all instances
    std::string event_json;
};

enum class commit_outcome : std::uint8_t {
    committed,
    fenced,    // another owner, or the step is recorded already, or the event is terminal:
               // nothing of this batch was written
    conflict,  // a state_put_op found another version, or a reopen_op an execution that is not
               // over: nothing of this batch was written
};

struct execution_summary {
    event_id id = 0;
    std::string instance;
    std::string flow;
    std::string flow_version;
    std::string kind;
    event_state state = event_state::ready;
    std::int64_t accepted_ms = 0;
    std::int64_t ended_ms = 0;  // 0: not yet
    std::int64_t due_ms = 0;
    int step_count = 0;
    std::string error_json;
    std::string lane_key;
    event_id parent = 0;  // 0: none
};
// An end that did not last: the execution was resumed.
struct attempt_record {
    event_state state = event_state::failed;
    std::int64_t ended_ms = 0;
    std::int64_t resumed_ms = 0;
    std::string flow_version;
    std::string error_json;
    std::vector<step_record> steps;  // that were not kept for what followed
};
struct execution_detail {
    execution_summary summary;
    std::string payload_json;
    std::string output_json;
    std::vector<step_record> steps;        // in order of recording
    std::vector<attempt_record> attempts;  // earlier ones, oldest first
};
struct history_filter {
    std::string instance;  // empty: all
    std::string flow;
    std::optional<event_state> state;
    std::optional<std::vector<std::string>> any_of;  // instances; nothing: all
    std::int64_t from_ms = 0;                        // accepted at or after
    std::int64_t to_ms = 0;                          // accepted before; 0: no limit
    std::string error_text;  // somewhere in the error, ASCII letters without case; empty: any
    bool dead = false;       // failed or quarantined, and not replayed
    event_id before = 0;     // newest first, ids below this one; 0: from the newest
    int limit = 50;
};

// Executions whose record is old enough to go. `next` continues the search; 0: there is no more.
struct ended_page {
    std::vector<event_id> ids;
    event_id next = 0;
};

struct state_value {
    std::string value_json;
    std::uint64_t version = 0;
};

// A versioned configuration record: flow versions, instances, endpoints.
struct config_record {
    std::string kind;
    std::string key;
    std::string value_json;
    std::uint64_t version = 0;
};

// A change to one of them. `record.version` is the stored one (0: there is none yet).
struct config_change {
    config_record record;
    bool remove = false;
};

struct health_report {
    std::int64_t queued = 0;          // batches waiting for the writer
    std::int64_t last_commit_us = 0;  // the last transaction, fsync included
    std::int64_t wal_bytes = 0;
    std::int64_t free_bytes = 0;  // on the data folder's file system
    bool admitting = true;        // false: below the disk reserve
    std::uint64_t transactions = 0;
    std::uint64_t batches = 0;
    std::string engine;  // "SQLite 3.40.1"
};

}  // namespace sluice::store
