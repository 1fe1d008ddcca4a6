// Changes to everything that is not an event: durable state and configuration. Inside
// the writer's transaction. Internal to this module; functions throw SQLite::Exception.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "store/event_changes.hpp"
#include "store/statement.hpp"
#include "store/types.hpp"

namespace sluice::store {

class record_changes {
  public:
    // `boot` makes the versions of state values unique over restarts.
    record_changes(SQLite::Database& database, std::int64_t boot);

    std::optional<rejection> put_state(const state_put_op& change);
    void emit(const emit_op& change);
    // The record, when the alert was not in that state before; nothing: it was.
    std::optional<std::string> put_alert(const alert_op& change);
    // `payload` with the record as its member `alert`.
    std::string with_alert(const std::string& payload, const std::string& record);
    // `conflict` when the stored version is not that of the change.
    base::result<void> change_config(const config_change& change);

  private:
    // Never repeats, also not for a key that was removed and written again: a writer that still
    // holds the old version must notice. The same for configuration.
    std::int64_t next_version_;
    statement select_state_;
    statement put_state_;
    statement remove_state_;
    statement select_config_;
    statement put_config_;
    statement remove_config_;
    statement insert_signal_;
    statement forget_signals_;
    statement select_alert_;
    statement raise_alert_;
    statement count_alert_;
    statement clear_alert_;
    statement join_alert_;
};

}  // namespace sluice::store
