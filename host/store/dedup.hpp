// Which events were seen already: keys of the last hours, one bucket an hour. Internal to this
// module; writer's connection only; functions throw SQLite::Exception.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "base/clock.hpp"
#include "store/key_filter.hpp"
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

    // Whether there is something to tidy: hours that left the window, or hours of an earlier
    // process whose keys are not in memory yet (which makes find() slower, not wrong).
    bool has_chores() const;
    // Does a small part of it: deletes or reads at most `limit` keys.
    void do_chores(std::int64_t limit);

  private:
    std::int64_t this_hour() const;
    std::int64_t oldest_hour() const;
    bool has_expired() const;
    void expire(std::int64_t limit);
    void learn(std::int64_t limit);
    // The filter that must hear of a new key of this hour, if any.
    key_filter* filter_of(std::int64_t hour);

    // Reading an older hour, key by key.
    struct lesson {
        std::int64_t hour = 0;
        std::string last_key;
        key_filter filter;
    };

    base::clock& time_;
    std::int64_t window_ms_;
    // Hours that may have rows. One with a filter is asked only when its filter says "perhaps".
    std::map<std::int64_t, std::optional<key_filter>> hours_;
    std::optional<lesson> lesson_;
    std::size_t filter_bytes_ = 0;  // of all of them
    statement select_;
    statement insert_;
    statement delete_;
    statement any_of_hour_;
    statement select_keys_;
};

}  // namespace sluice::store
