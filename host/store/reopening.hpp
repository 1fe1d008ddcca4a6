// Executions that go on after their end. Internal to this module; writer's connection only;
// functions throw SQLite::Exception.
#pragma once

#include "store/statement.hpp"
#include "store/types.hpp"

namespace sluice::store {

class reopening {
  public:
    explicit reopening(SQLite::Database& database);

    // Of an event that is over: keeps its end, and the records that are to go, as an attempt, and
    // makes it ready again. `replace` of the change is the caller's.
    void run(const reopen_op& change);

  private:
    statement count_;
    statement keep_end_;
    statement keep_step_;
    statement remove_step_;
    statement remove_outcome_;
    statement set_ready_;
};

}  // namespace sluice::store
