"""Answers remembered by Idempotency-Key, in the transaction of the change they report."""

import hashlib
import json
import time

from errors import ApiError

KEEP_SECONDS = 7 * 24 * 3600


def once(db, key, method, path, raw_body, work):
    """work() gives (status, answer); returns (status, answer, replayed).

    Only success is remembered: a request that was refused changed nothing and may be repeated.
    """
    if key is None:
        return *work(), False
    fingerprint = hashlib.sha256(f"{method} {path}\n".encode() + raw_body).hexdigest()
    row = db.execute("SELECT * FROM idempotency WHERE key = ?", (key,)).fetchone()
    if row and row["fingerprint"] != fingerprint:
        raise ApiError(422, "idempotency_key_reused",
                       f"Idempotency-Key {key!r} was used with another request")
    if row:
        return row["status"], json.loads(row["answer"]), True
    status, answer = work()
    db.execute("INSERT INTO idempotency (key, fingerprint, status, answer, used_at)"
               " VALUES (?, ?, ?, ?, ?)",
               (key, fingerprint, status, json.dumps(answer), time.time()))
    return status, answer, False


def forget_old(db):
    db.execute("DELETE FROM idempotency WHERE used_at < ?", (time.time() - KEEP_SECONDS,))
