// Everything that is read, on one read-only connection. Internal to this module; one thread at a
// time; functions throw SQLite::Exception unless they say otherwise.
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "store/statement.hpp"
#include "store/types.hpp"

namespace sluice::store {

class queries {
  public:
    explicit queries(std::unique_ptr<SQLite::Database> database);

    std::vector<execution_summary> history(const history_filter& filter);
    base::result<execution_detail> execution(event_id id);  // not_found
    std::vector<config_record> config(const std::string& kind);
    std::vector<config_record> config_before(const std::string& kind, const std::string& before,
                                             int limit);
    // `partition` below 0: all.
    std::vector<ready_event> load_ready(int partition, event_id after, int limit);
    base::result<std::string> payload(event_id id);  // not_found
    std::vector<step_record> checkpoints(event_id id);
    state_value state_get(const std::string& instance, const std::string& flow,
                          const std::string& key);
    ended_page ended_before(std::int64_t before_ms, event_id after, int limit);
    std::vector<event_id> unknown_of(const std::vector<event_id>& ids);
    event_id last_id();
    std::vector<signal_record> signals(const std::string& instance, std::int64_t after, int limit);
    std::int64_t last_signal();
    std::vector<attempt_record> attempts(event_id id);
    std::vector<log_line> log_lines(event_id id, std::int64_t after, int limit);

    SQLite::Database& database() { return *database_; }

  private:
    statement& prepared(const std::string& sql);
    execution_summary summary_of(const rows& found) const;

    // Declared before the statements, which must be gone before it closes.
    std::unique_ptr<SQLite::Database> database_;
    std::unordered_map<std::string, std::unique_ptr<statement>> statements_;
};

}  // namespace sluice::store
