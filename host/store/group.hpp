// One transaction for many requests: all of them are durable together, each is all or nothing.
// Internal to this module; writer's connection only.
#pragma once

#include <span>
#include <string>

#include "store/event_changes.hpp"
#include "store/record_changes.hpp"
#include "store/removal.hpp"
#include "store/request.hpp"

namespace sluice::store {

class group_commit {
  public:
    group_commit(SQLite::Database& database, base::clock& time, std::int64_t boot,
                 std::int64_t dedup_window_ms);

    // Fills in the replies and failures; returns after fsync. When it throws SQLite::Exception,
    // nothing was committed and the replies mean nothing. `refuse_appends` is empty or the reason
    // for which new events are refused.
    void run(std::span<request> group, const std::string& refuse_appends);

    dedup_table& dedup() { return events_.dedup(); }

  private:
    // Whether a request left something behind that must be undone.
    enum class trace { none, partial };
    enum class mode { plain, careful };

    trace attempt(std::span<request> group, mode how);
    trace apply(request& one);
    trace apply(append_request& append);
    trace apply(const config_request& config, std::optional<base::error>& failure);
    trace apply(commit_request& commit, std::optional<base::error>& failure);
    std::optional<rejection> apply(commit_request& commit, std::size_t index);
    std::optional<rejection> apply(const alert_op& change);
    trace apply_guarded(request& one, mode how);

    SQLite::Database& database_;
    std::int64_t boot_;
    event_changes events_;
    record_changes records_;
    removal removal_;
    std::string refuse_appends_;
    statement begin_;
    statement commit_;
    statement rollback_;
    statement savepoint_;
    statement undo_;
    statement release_;
};

}  // namespace sluice::store
