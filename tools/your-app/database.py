"""The SQLite file: schema, one connection, one lock."""

import contextlib
import sqlite3
import threading

# A delivery is tried this often; a row with as many attempts has failed for good.
MAX_ATTEMPTS = 5

SCHEMA = f"""
CREATE TABLE IF NOT EXISTS records (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    collection  TEXT NOT NULL,
    external_id TEXT,
    version     INTEGER NOT NULL,
    created_at  TEXT NOT NULL,
    updated_at  TEXT NOT NULL,
    fields      TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS one_record_per_external_id
    ON records (collection, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS records_by_update ON records (collection, updated_at);

CREATE TABLE IF NOT EXISTS idempotency (
    key         TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    status      INTEGER NOT NULL,
    answer      TEXT NOT NULL,
    used_at     REAL NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS webhooks (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    url        TEXT NOT NULL,
    events     TEXT NOT NULL,
    secret     TEXT NOT NULL,
    created_at TEXT NOT NULL
) STRICT;

CREATE TABLE IF NOT EXISTS deliveries (
    id         TEXT PRIMARY KEY,
    webhook_id INTEGER NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    event      TEXT NOT NULL,
    body       TEXT NOT NULL,
    attempts   INTEGER NOT NULL,
    next_at    REAL NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS deliveries_due
    ON deliveries (next_at) WHERE attempts < {MAX_ATTEMPTS};
CREATE INDEX IF NOT EXISTS deliveries_of_webhook ON deliveries (webhook_id);
"""


class Database:
    def __init__(self, path):
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.executescript(SCHEMA)

    @contextlib.contextmanager
    def transaction(self):
        """Yields the connection; commits at the end, rolls everything back on an exception."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def close(self):
        with self._lock:
            self._connection.close()
