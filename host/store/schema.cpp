#include "store/schema.hpp"

#include <SQLiteCpp/Transaction.h>

#include <string>

#include "base/log.hpp"
#include "store/statement.hpp"

namespace sluice::store {

namespace {

// "Slui" in ASCII: tells our file from any other SQLite file.
constexpr std::int64_t application_id = 0x536c7569;

// Bodies, steps and outcomes stand in tables of their own, so that the hot event rows stay small.
// States 0 to 2 are not terminal (types.hpp); only those are in event_live, so that what is still
// to do is found without reading the history.
constexpr const char* tables = R"sql(
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
    id           INTEGER PRIMARY KEY CHECK (id > 0),
    partition    INTEGER NOT NULL CHECK (partition BETWEEN 0 AND 255),
    instance     TEXT    NOT NULL,
    flow         TEXT    NOT NULL,
    flow_version TEXT    NOT NULL,
    kind         TEXT    NOT NULL,
    lane_key     TEXT    NOT NULL,
    state        INTEGER NOT NULL DEFAULT 0 CHECK (state BETWEEN 0 AND 6),
    crash_count  INTEGER NOT NULL DEFAULT 0 CHECK (crash_count >= 0),
    accepted_ms  INTEGER NOT NULL,
    due_ms       INTEGER NOT NULL DEFAULT 0,
    deadline_ms  INTEGER NOT NULL,
    ended_ms     INTEGER NOT NULL DEFAULT 0,
    parent       INTEGER NOT NULL
) STRICT;
CREATE INDEX event_live ON event (id) WHERE state < 3;
CREATE INDEX event_of_instance ON event (instance, id);

CREATE TABLE body (
    event   INTEGER PRIMARY KEY,
    payload TEXT NOT NULL
) STRICT;

CREATE TABLE outcome (
    event  INTEGER PRIMARY KEY,
    output TEXT NOT NULL,
    error  TEXT NOT NULL
) STRICT;

-- id counts up: the order of recording. The index is the fence: a step is recorded once.
CREATE TABLE step (
    id         INTEGER PRIMARY KEY,
    event      INTEGER NOT NULL,
    path       TEXT    NOT NULL,
    item       INTEGER NOT NULL,
    name       TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    attempt    INTEGER NOT NULL,
    started_ms INTEGER NOT NULL,
    ended_ms   INTEGER NOT NULL,
    ok         INTEGER NOT NULL CHECK (ok IN (0, 1)),
    input      TEXT    NOT NULL,
    output     TEXT    NOT NULL,
    error      TEXT    NOT NULL,
    connector  TEXT    NOT NULL
) STRICT;
CREATE UNIQUE INDEX step_once ON step (event, path, item);

-- Hour of arrival first: new keys land side by side, and old hours go in one range.
CREATE TABLE dedup (
    hour    INTEGER NOT NULL,
    key     BLOB    NOT NULL CHECK (length(key) = 16),
    payload BLOB    NOT NULL CHECK (length(payload) = 8),
    event   INTEGER NOT NULL,
    PRIMARY KEY (hour, key, payload)
) STRICT, WITHOUT ROWID;

CREATE TABLE state (
    instance TEXT    NOT NULL,
    flow     TEXT    NOT NULL,
    key      TEXT    NOT NULL,
    value    TEXT    NOT NULL,
    version  INTEGER NOT NULL CHECK (version > 0),
    PRIMARY KEY (instance, flow, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE config (
    kind    TEXT    NOT NULL,
    key     TEXT    NOT NULL,
    value   TEXT    NOT NULL,
    version INTEGER NOT NULL CHECK (version > 0),
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;

INSERT INTO meta (key, value) VALUES ('boot', 0), ('clean', 1);
)sql";

// Added by schema version 2. Emitted events, for listeners.
constexpr const char* tables_of_version_2 = R"sql(
CREATE TABLE signal (
    number     INTEGER PRIMARY KEY AUTOINCREMENT,
    instance   TEXT    NOT NULL,
    event      TEXT    NOT NULL,
    emitted_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX signal_of_instance ON signal (instance, number);
)sql";

// Added by schema version 3. Ends that did not last, with the records that were not kept for what
// followed; what was logged about executions; replays by what they replay.
constexpr const char* tables_of_version_3 = R"sql(
CREATE TABLE attempt (
    event        INTEGER NOT NULL,
    number       INTEGER NOT NULL,
    state        INTEGER NOT NULL,
    ended_ms     INTEGER NOT NULL,
    resumed_ms   INTEGER NOT NULL,
    flow_version TEXT    NOT NULL,
    error        TEXT    NOT NULL,
    PRIMARY KEY (event, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE earlier_step (
    id         INTEGER PRIMARY KEY,
    event      INTEGER NOT NULL,
    attempt_number INTEGER NOT NULL,
    path       TEXT    NOT NULL,
    item       INTEGER NOT NULL,
    name       TEXT    NOT NULL,
    kind       TEXT    NOT NULL,
    attempt    INTEGER NOT NULL,
    started_ms INTEGER NOT NULL,
    ended_ms   INTEGER NOT NULL,
    ok         INTEGER NOT NULL,
    input      TEXT    NOT NULL,
    output     TEXT    NOT NULL,
    error      TEXT    NOT NULL,
    connector  TEXT    NOT NULL
) STRICT;
CREATE INDEX earlier_step_of_event ON earlier_step (event, attempt_number);

CREATE TABLE log (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    event  INTEGER NOT NULL,
    at_ms  INTEGER NOT NULL,
    level  TEXT    NOT NULL,
    text   TEXT    NOT NULL
) STRICT;
CREATE INDEX log_of_event ON log (event, number);

CREATE INDEX event_of_parent ON event (parent) WHERE parent > 0;
)sql";

std::int64_t meta(SQLite::Database& database, const std::string& key) {
    statement select(database, "SELECT value FROM meta WHERE key = ?");
    rows found(select, key);
    return found.next() ? found.integer(0) : 0;
}

base::result<void> quick_check(SQLite::Database& database) {
    statement check(database, "PRAGMA quick_check(1)");
    rows found(check);
    const std::string verdict = found.next() ? found.text(0) : "no answer";
    if (verdict == "ok") return {};
    return base::make_error(base::error_code::unavailable,
                            "the store is damaged after an unclean stop: " + verdict,
                            "restore a backup of the data folder, or save what is readable with "
                            "\"sqlite3 sluice.db .recover\"");
}

}  // namespace

base::result<void> check_schema(SQLite::Database& database) {
    const std::int64_t id = database.execAndGet("PRAGMA application_id").getInt64();
    const std::int64_t version = database.execAndGet("PRAGMA user_version").getInt64();
    const std::int64_t count = database.execAndGet("SELECT count(*) FROM sqlite_schema").getInt64();
    if (id == 0 && count == 0) {
        return base::make_error(base::error_code::not_found, "the store is empty");
    }
    if (id != application_id) {
        return base::make_error(base::error_code::invalid_input,
                                "sluice.db is not a store of this program",
                                "use another data folder");
    }
    if (version > schema_version) {
        return base::make_error(
            base::error_code::unsupported,
            "the store was written by a newer version of this program (schema " +
                std::to_string(version) + ", this one knows up to " +
                std::to_string(schema_version) + ")",
            "install that version again, or use another data folder");
    }
    return {};
}

void create_schema(SQLite::Database& database) {
    SQLite::Transaction transaction(database);
    database.exec(tables);
    database.exec(tables_of_version_2);
    database.exec(tables_of_version_3);
    database.exec("PRAGMA application_id = " + std::to_string(application_id));
    database.exec("PRAGMA user_version = " + std::to_string(schema_version));
    transaction.commit();
}

void upgrade_schema(SQLite::Database& database) {
    const std::int64_t version = database.execAndGet("PRAGMA user_version").getInt64();
    if (version >= schema_version) return;
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    if (version < 2) database.exec(tables_of_version_2);
    if (version < 3) database.exec(tables_of_version_3);
    database.exec("PRAGMA user_version = " + std::to_string(schema_version));
    transaction.commit();
    base::log(base::log_level::info, "the store was brought to a newer schema",
              {{"from", std::to_string(version)}, {"to", std::to_string(schema_version)}});
}

void count_deaths(SQLite::Database& database, std::span<const death> died_inside) {
    statement count(database,
                    "UPDATE event SET crash_count = crash_count + ? WHERE id = ? AND state < 3");
    for (const death& one : died_inside)
        count.run(one.points(), one.event);
}

base::result<boot_record> begin_boot(SQLite::Database& database,
                                     std::span<const death> died_inside) {
    boot_record boot;
    boot.number = meta(database, "boot") + 1;
    boot.unclean = meta(database, "clean") == 0;
    if (boot.unclean) {
        if (auto sound = quick_check(database); !sound) return sound.error_value();
    }
    SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
    database.exec("UPDATE meta SET value = value + 1 WHERE key = 'boot'");
    database.exec("UPDATE meta SET value = 0 WHERE key = 'clean'");
    count_deaths(database, died_inside);
    const int resumed = database.exec(
        "UPDATE event INDEXED BY event_live SET state = 0 WHERE state < 3 AND state = 1");
    transaction.commit();
    if (boot.unclean) {
        base::log(base::log_level::warning, "the store was not closed in order; it is sound",
                  {{"interrupted_executions", std::to_string(resumed)}});
    }
    return boot;
}

void end_boot(SQLite::Database& database) {
    database.exec("UPDATE meta SET value = 1 WHERE key = 'clean'");
}

}  // namespace sluice::store
