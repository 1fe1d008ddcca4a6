// Which events were seen already: keys of the last hours, one bucket an hour. Internal to this
// module; writer's connection only; functions throw SQLite::Exception.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>

#include "base/clock.hpp"
#include "store/statement.hpp"
#include "store/types.hpp"

namespace sluice::store {

struct dedup_key {
    std::string key;      // 16 bytes of the digest of (instance, flow, dedupe key)
    std::string payload;  // 8 bytes of the payload's digest
};

// Nothing when the event has no key. Any thread; kept apart so that hashing is not the writer's
// work.
std::optional<dedup_key> make_dedup_key(const new_event& event);

class dedup_table {
  public:
    // Keys are found for at least `window_ms` after they arrived, and at most an hour longer.
    dedup_table(SQLite::Database& database, base::clock& time, std::int64_t window_ms);

    struct earlier {
        event_id id = 0;
        bool same_payload = false;
    };
    // An earlier event with this key; one with the same payload wins over others.
    std::optional<earlier> find(const dedup_key& key);
    void remember(const dedup_key& key, event_id id);

    // Whether hours have left the window.
    bool has_expired() const;
    // Deletes at most `limit` keys that left the window.
    void expire(std::int64_t limit);

  private:
    std::int64_t this_hour() const;
    std::int64_t oldest_hour() const;

    base::clock& time_;
    std::int64_t window_ms_;
    std::set<std::int64_t> hours_;  // hours that may have rows
    statement select_;
    statement insert_;
    statement delete_;
    statement any_of_hour_;
};

}  // namespace sluice::store
