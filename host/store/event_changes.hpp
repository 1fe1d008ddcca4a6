// Changes to events inside the writer's transaction. Internal to this module; writer's connection
// only; functions throw SQLite::Exception.
#pragma once

#include <optional>

#include "base/error.hpp"
#include "store/dedup.hpp"
#include "store/reopening.hpp"
#include "store/statement.hpp"
#include "store/types.hpp"

namespace sluice::store {

// Why a change was not made. It has written nothing itself; its batch must be undone.
struct rejection {
    commit_outcome outcome = commit_outcome::fenced;
    std::optional<base::error> failure;  // when set: the request itself is wrong
    bool half_done = false;              // something of this change has been written
};

class event_changes {
  public:
    event_changes(SQLite::Database& database, base::clock& time, std::int64_t dedup_window_ms);

    // `key` belongs to `event` (make_dedup_key).
    append_outcome append(const new_event& event, const std::optional<dedup_key>& key);

    std::optional<rejection> checkpoint(partition_id partition, const checkpoint_op& change);
    std::optional<rejection> collapse(partition_id partition, const collapse_op& change);
    std::optional<rejection> park(partition_id partition, const park_op& change);
    std::optional<rejection> finish(partition_id partition, const finish_op& change);
    std::optional<rejection> reopen(partition_id partition, const reopen_op& change);
    void add_log(const log_op& change);
    // Nothing happens to one that has not ended: it may still come to another end.
    void take_output(const take_output_op& change);

    dedup_table& dedup() { return dedup_; }

  private:
    bool write_step(statement& how, event_id event, const step_record& step);
    // `state` is that of the event when it is there, and in the partition.
    std::optional<rejection> find(partition_id partition, event_id id, event_state& state);
    // The same when it may be changed: it is not over.
    std::optional<rejection> check(partition_id partition, event_id id, event_state& state);

    dedup_table dedup_;
    statement insert_event_;
    statement insert_body_;
    statement select_event_;
    statement insert_step_;
    statement replace_step_;
    statement forget_steps_;
    statement strip_steps_;
    statement strip_body_;
    statement set_state_;
    statement set_end_;
    statement insert_outcome_;
    statement strip_outcome_;
    reopening reopening_;
    statement insert_log_;
};

}  // namespace sluice::store
