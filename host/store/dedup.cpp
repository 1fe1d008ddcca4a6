#include "store/dedup.hpp"

#include <algorithm>
#include <iterator>

#include "base/encoding.hpp"
#include "store/breakage.hpp"

namespace sluice::store {

namespace {

constexpr std::int64_t hour_ms = 3'600'000;
// Enough for 16 million keys. Hours beyond it are asked in the database.
constexpr std::size_t most_filter_bytes = 32u << 20;

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
      any_of_hour_(database, "SELECT 1 FROM dedup WHERE hour = ? LIMIT 1"),
      select_keys_(database,
                   "SELECT key FROM dedup WHERE hour = ? AND key > ? ORDER BY key LIMIT ?") {
    statement next_hour(database, "SELECT hour FROM dedup WHERE hour > ? ORDER BY hour LIMIT 1");
    std::int64_t hour = -1;
    while (true) {
        rows found(next_hour, hour);
        if (!found.next()) return;
        hour = found.integer(0);
        hours_.emplace(hour, std::nullopt);
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
        const auto& filter = hour->second;
        if (filter && !filter->may_have(key.key)) continue;
        rows found(select_, hour->first, blob_view{key.key});
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
    const auto [known, is_new] = hours_.try_emplace(hour);
    if (is_new && filter_bytes_ < most_filter_bytes) known->second.emplace();
    key_filter* filter = filter_of(hour);
    if (filter == nullptr) return;
    const std::size_t before = filter->bytes();
    filter->add(key.key);
    filter_bytes_ += filter->bytes() - before;
}

key_filter* dedup_table::filter_of(std::int64_t hour) {
    if (lesson_ && lesson_->hour == hour) return &lesson_->filter;
    auto& filter = hours_.at(hour);
    return filter ? &*filter : nullptr;
}

bool dedup_table::has_expired() const {
    return !hours_.empty() && hours_.begin()->first < oldest_hour();
}

void dedup_table::expire(std::int64_t limit) {
    const auto oldest = hours_.begin();
    delete_.run(oldest->first, limit);
    if (rows left(any_of_hour_, oldest->first); left.next()) return;
    if (lesson_ && lesson_->hour == oldest->first) {
        filter_bytes_ -= lesson_->filter.bytes();
        lesson_.reset();
    }
    if (oldest->second) filter_bytes_ -= oldest->second->bytes();
    hours_.erase(oldest);
}

bool dedup_table::has_chores() const {
    if (has_expired() || lesson_) return true;
    if (filter_bytes_ >= most_filter_bytes) return false;
    return std::any_of(hours_.begin(), hours_.end(), [](const auto& hour) { return !hour.second; });
}

void dedup_table::do_chores(std::int64_t limit) {
    if (has_expired()) return expire(limit);
    if (has_chores()) learn(limit);
}

void dedup_table::learn(std::int64_t limit) {
    if (!lesson_) {
        const auto unknown = std::find_if(hours_.rbegin(), hours_.rend(),
                                          [](const auto& hour) { return !hour.second; });
        lesson_ = lesson{unknown->first, {}, {}};
    }
    const std::size_t before = lesson_->filter.bytes();
    std::int64_t count = 0;
    std::string last = lesson_->last_key;
    {
        rows found(select_keys_, lesson_->hour, blob_view{lesson_->last_key}, limit);
        for (; found.next(); ++count) {
            last = found.text(0);
            lesson_->filter.add(last);
        }
    }
    lesson_->last_key = std::move(last);
    filter_bytes_ += lesson_->filter.bytes() - before;
    if (count == limit) return;
    hours_.at(lesson_->hour) = std::move(lesson_->filter);
    lesson_.reset();
}

}  // namespace sluice::store
