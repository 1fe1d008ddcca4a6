#include "store/record_changes.hpp"

namespace sluice::store {
namespace {

constexpr std::int64_t signal_retention_ms = 7ll * 24 * 3'600'000;

}  // namespace

record_changes::record_changes(SQLite::Database& database, std::int64_t boot)
    : next_version_((boot << 32) + 1),
      select_state_(database,
                    "SELECT version FROM state WHERE instance = ? AND flow = ? AND key = ?"),
      put_state_(database,
                 "INSERT OR REPLACE INTO state (instance, flow, key, value, version) "
                 "VALUES (?, ?, ?, ?, ?)"),
      remove_state_(database, "DELETE FROM state WHERE instance = ? AND flow = ? AND key = ?"),
      select_config_(database, "SELECT version FROM config WHERE kind = ? AND key = ?"),
      put_config_(database,
                  "INSERT OR REPLACE INTO config (kind, key, value, version) VALUES (?, ?, ?, ?)"),
      remove_config_(database, "DELETE FROM config WHERE kind = ? AND key = ?"),
      insert_signal_(database, "INSERT INTO signal (instance, event, emitted_ms) VALUES (?, ?, ?)"),
      // Listeners have long seen them; a few at a time keeps the table short.
      forget_signals_(database,
                      "DELETE FROM signal WHERE number IN (SELECT number FROM signal "
                      "WHERE emitted_ms < ? ORDER BY number LIMIT 10)"),
      select_alert_(database, "SELECT value FROM config WHERE kind = 'alert' AND key = ?"),
      raise_alert_(database,
                   "INSERT INTO config (kind, key, value, version) VALUES "
                   "('alert', ?, json_set(?, '$.since', ?, '$.count', 1), ?)"),
      count_alert_(database,
                   "UPDATE config SET value = json_set(?2, '$.since', json_extract(value, "
                   "'$.since'), '$.count', json_extract(value, '$.count') + 1), version = ?3 "
                   "WHERE kind = 'alert' AND key = ?1"),
      clear_alert_(database, "DELETE FROM config WHERE kind = 'alert' AND key = ?"),
      join_alert_(database, "SELECT json_set(?, '$.alert', json(?))") {}

std::optional<rejection> record_changes::put_state(const state_put_op& change) {
    if (change.expected) {
        rows found(select_state_, change.instance, change.flow, change.key);
        const std::int64_t version = found.next() ? found.integer(0) : 0;
        if (static_cast<std::uint64_t>(version) != *change.expected) {
            return rejection{commit_outcome::conflict, std::nullopt};
        }
    }
    if (change.remove) {
        remove_state_.run(change.instance, change.flow, change.key);
    } else {
        const std::int64_t version = next_version_++;
        put_state_.run(change.instance, change.flow, change.key, change.value_json, version);
    }
    return std::nullopt;
}

base::result<void> record_changes::change_config(const config_change& change) {
    const config_record& record = change.record;
    std::int64_t version = 0;
    if (rows found(select_config_, record.kind, record.key); found.next()) {
        version = found.integer(0);
    }
    if (static_cast<std::uint64_t>(version) != record.version) {
        return base::make_error(base::error_code::conflict,
                                "the " + record.kind + " \"" + record.key + "\" is at version " +
                                    std::to_string(version) + ", not " +
                                    std::to_string(record.version),
                                "read it again and repeat the change");
    }
    if (change.remove) {
        remove_config_.run(record.kind, record.key);
    } else {
        const std::int64_t next = next_version_++;
        put_config_.run(record.kind, record.key, record.value_json, next);
    }
    return {};
}

std::optional<std::string> record_changes::put_alert(const alert_op& change) {
    const auto record = [&]() -> std::optional<std::string> {
        rows found(select_alert_, change.key);
        if (!found.next()) return std::nullopt;
        return found.text(0);
    };
    std::optional<std::string> before = record();
    if (!change.raised) {
        if (before) clear_alert_.run(change.key);
        return before;
    }
    const std::int64_t version = next_version_++;
    if (before) {
        count_alert_.run(change.key, change.detail_json, version);
        return std::nullopt;
    }
    raise_alert_.run(change.key, change.detail_json, change.at_ms, version);
    return record();
}

std::string record_changes::with_alert(const std::string& payload, const std::string& record) {
    rows joined(join_alert_, payload, record);
    joined.next();
    return joined.text(0);
}

void record_changes::emit(const emit_op& change) {
    insert_signal_.run(change.instance, change.event_json, change.emitted_ms);
    const std::int64_t oldest = change.emitted_ms - signal_retention_ms;
    forget_signals_.run(oldest);
}

}  // namespace sluice::store
