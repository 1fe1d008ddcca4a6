#include "store/reopening.hpp"

namespace sluice::store {

reopening::reopening(SQLite::Database& database)
    : count_(database, "SELECT count(*) FROM attempt WHERE event = ?"),
      keep_end_(database,
                "INSERT INTO attempt (event, number, state, ended_ms, resumed_ms, flow_version, "
                "error) SELECT id, ?1, state, ended_ms, ?2, flow_version, coalesce((SELECT error "
                "FROM outcome WHERE outcome.event = event.id), '') FROM event WHERE id = ?3"),
      keep_step_(database,
                 "INSERT INTO earlier_step (event, attempt_number, path, item, name, kind, "
                 "attempt, started_ms, ended_ms, ok, input, output, error, connector) "
                 "SELECT event, ?1, path, item, name, kind, attempt, started_ms, ended_ms, ok, "
                 "input, output, error, connector FROM step "
                 "WHERE event = ?2 AND path = ?3 AND item = ?4"),
      remove_step_(database, "DELETE FROM step WHERE event = ? AND path = ? AND item = ?"),
      remove_outcome_(database, "DELETE FROM outcome WHERE event = ?"),
      set_ready_(database,
                 "UPDATE event SET state = 0, due_ms = 0, ended_ms = 0, deadline_ms = 0, "
                 "crash_count = 0, flow_version = ? WHERE id = ?") {}

void reopening::run(const reopen_op& change) {
    std::int64_t number = 1;
    if (rows found(count_, change.event); found.next()) number += found.integer(0);
    keep_end_.run(number, change.at_ms, change.event);
    for (const auto& [path, item] : change.forget) {
        keep_step_.run(number, change.event, path, item);
        remove_step_.run(change.event, path, item);
    }
    for (const step_record& step : change.replace)
        keep_step_.run(number, change.event, step.path, step.item);
    remove_outcome_.run(change.event);
    set_ready_.run(change.flow_version, change.event);
}

}  // namespace sluice::store
