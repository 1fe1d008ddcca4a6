#include "store/dedup.hpp"

#include "base/encoding.hpp"
#include "store/breakage.hpp"

namespace sluice::store {

namespace {

constexpr std::int64_t hour_ms = 3'600'000;

// Lengths in front, so that ("ab", "c") and ("a", "bc") differ.
void add_part(std::string& text, const std::string& part) {
    text += std::to_string(part.size());
    text += ':';
    text += part;
}

}  // namespace

std::optional<dedup_key> make_dedup_key(const new_event& event) {
    if (event.dedupe_key.empty()) return std::nullopt;
    std::string text;
    add_part(text, event.instance);
    add_part(text, event.flow);
    add_part(text, event.dedupe_key);
    const std::string& content =
        event.dedupe_content.empty() ? event.payload_json : event.dedupe_content;
    return dedup_key{base::sha256(text).substr(0, 16), base::sha256(content).substr(0, 8)};
}

dedup_table::dedup_table(SQLite::Database& database, base::clock& time, std::int64_t window_ms)
    : time_(time),
      window_ms_(window_ms),
      select_(database, "SELECT event, payload FROM dedup WHERE hour = ? AND key = ?"),
      insert_(database,
              "INSERT OR IGNORE INTO dedup (hour, key, payload, event) "
              "VALUES (?, ?, ?, ?)"),
      delete_(database,
              "DELETE FROM dedup WHERE (hour, key, payload) IN (SELECT hour, key, payload "
              "FROM dedup WHERE hour = ? LIMIT ?)"),
      any_of_hour_(database, "SELECT 1 FROM dedup WHERE hour = ? LIMIT 1") {
    statement next_hour(database, "SELECT hour FROM dedup WHERE hour > ? ORDER BY hour LIMIT 1");
    std::int64_t hour = -1;
    while (true) {
        rows found(next_hour, hour);
        if (!found.next()) return;
        hour = found.integer(0);
        hours_.insert(hour);
    }
}

std::int64_t dedup_table::this_hour() const { return time_.unix_ms() / hour_ms; }
std::int64_t dedup_table::oldest_hour() const { return (time_.unix_ms() - window_ms_) / hour_ms; }

std::optional<dedup_table::earlier> dedup_table::find(const dedup_key& key) {
    if (!keeps_dedup) return std::nullopt;
    std::optional<earlier> other_payload;
    // Newest first: a repeated delivery mostly follows its first one closely.
    const auto end = std::make_reverse_iterator(hours_.lower_bound(oldest_hour()));
    for (auto hour = hours_.rbegin(); hour != end; ++hour) {
        rows found(select_, *hour, blob_view{key.key});
        while (found.next()) {
            if (found.text(1) == key.payload) return earlier{found.integer(0), true};
            other_payload = earlier{found.integer(0), false};
        }
    }
    return other_payload;
}

void dedup_table::remember(const dedup_key& key, event_id id) {
    const std::int64_t hour = this_hour();
    insert_.run(hour, blob_view{key.key}, blob_view{key.payload}, id);
    hours_.insert(hour);
}

bool dedup_table::has_expired() const { return !hours_.empty() && *hours_.begin() < oldest_hour(); }

void dedup_table::expire(std::int64_t limit) {
    const std::int64_t hour = *hours_.begin();
    delete_.run(hour, limit);
    if (rows left(any_of_hour_, hour); !left.next()) hours_.erase(hour);
}

}  // namespace sluice::store
