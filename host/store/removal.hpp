// Removing the records of executions that have ended. Inside the writer's transaction. Internal to
// this module; functions throw SQLite::Exception.
#pragma once

#include <vector>

#include "store/statement.hpp"
#include "store/types.hpp"

namespace sluice::store {

class removal {
  public:
    explicit removal(SQLite::Database& database);

    // Those of the ids that are gone; at most a few thousand rows are removed in one go.
    std::vector<event_id> run(const std::vector<event_id>& ids);

  private:
    statement select_state_;
    statement remove_steps_;
    statement remove_earlier_steps_;
    statement remove_attempts_;
    statement remove_log_;
    statement remove_body_;
    statement remove_outcome_;
    statement remove_event_;
};

}  // namespace sluice::store
