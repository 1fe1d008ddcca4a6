#include "store/removal.hpp"

namespace sluice::store {

namespace {

// The writer serves nobody else meanwhile.
constexpr std::int64_t most_steps = 4000;

}  // namespace

removal::removal(SQLite::Database& database)
    : select_state_(database, "SELECT state FROM event WHERE id = ?"),
      remove_steps_(database,
                    "DELETE FROM step WHERE id IN (SELECT id FROM step WHERE event = ? LIMIT ?)"),
      remove_earlier_steps_(database,
                            "DELETE FROM earlier_step WHERE id IN (SELECT id FROM earlier_step "
                            "WHERE event = ? LIMIT ?)"),
      remove_attempts_(database, "DELETE FROM attempt WHERE event = ?"),
      remove_log_(database, "DELETE FROM log WHERE event = ?"),
      remove_body_(database, "DELETE FROM body WHERE event = ?"),
      remove_outcome_(database, "DELETE FROM outcome WHERE event = ?"),
      remove_event_(database, "DELETE FROM event WHERE id = ?") {}

std::vector<event_id> removal::run(const std::vector<event_id>& ids) {
    std::vector<event_id> gone;
    std::int64_t left = most_steps;
    for (const event_id id : ids) {
        {
            rows found(select_state_, id);
            if (!found.next() || !is_terminal(static_cast<event_state>(found.integer(0)))) continue;
        }
        left -= remove_steps_.run(id, left);
        if (left > 0) left -= remove_earlier_steps_.run(id, left);
        // The event goes last: as long as it is there, the rest of it can be found.
        if (left <= 0) break;
        remove_attempts_.run(id);
        remove_log_.run(id);
        remove_body_.run(id);
        remove_outcome_.run(id);
        remove_event_.run(id);
        gone.push_back(id);
    }
    return gone;
}

}  // namespace sluice::store
