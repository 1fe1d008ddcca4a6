"""Webhook subscriptions, and the outbox of events for them (delivery.py empties it).

An event is written to the outbox in the transaction that changes the record, so a change that
was committed is announced even when the program dies right after it.
"""

import hashlib
import hmac
import json
import secrets
import time
import urllib.parse
import uuid

from database import MAX_ATTEMPTS
from errors import ApiError
from times import timestamp


def subscribe(db, body):
    url, events, secret = body.get("url"), body.get("events"), body.get("secret")
    if not _is_http_address(url):
        raise ApiError(422, "invalid", "url: expected an http or https address")
    if (not isinstance(events, list) or not events
            or not all(isinstance(name, str) and name for name in events)):
        raise ApiError(422, "invalid",
                       'events: expected a list such as ["tickets.created"] or ["tickets.*"]')
    if secret is not None and (not isinstance(secret, str) or not secret):
        raise ApiError(422, "invalid", "secret: expected a non-empty string")
    secret = secret or secrets.token_hex(32)
    row = db.execute("INSERT INTO webhooks (url, events, secret, created_at)"
                     " VALUES (?, ?, ?, ?) RETURNING *",
                     (url, json.dumps(events), secret, timestamp())).fetchone()
    return {**_as_json(db, row), "secret": secret}


def subscriptions(db):
    return [_as_json(db, row) for row in db.execute("SELECT * FROM webhooks ORDER BY id")]


def subscription(db, webhook_id):
    return _as_json(db, _row(db, webhook_id))


def unsubscribe(db, webhook_id):
    db.execute("DELETE FROM webhooks WHERE id = ?", (_row(db, webhook_id)["id"],))


def enqueue(db, event, record, actor):
    body = None
    for hook in db.execute("SELECT id, events FROM webhooks").fetchall():
        if not any(_matches(pattern, event) for pattern in json.loads(hook["events"])):
            continue
        body = body or json.dumps({"id": f"evt_{uuid.uuid4().hex}", "event": event,
                                   "occurredAt": timestamp(), "actor": actor,
                                   "record": record})
        db.execute("INSERT INTO deliveries (id, webhook_id, event, body, attempts, next_at)"
                   " VALUES (?, ?, ?, ?, 0, ?)",
                   (f"dlv_{uuid.uuid4().hex}", hook["id"], event, body, time.time()))


def sign(secret, body):
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _is_http_address(url):
    try:
        parts = urllib.parse.urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except (ValueError, AttributeError, TypeError):
        return False


def _matches(pattern, event):
    return pattern in ("*", event) or (pattern.endswith(".*")
                                       and event.startswith(pattern[:-1]))


def _row(db, webhook_id):
    row = db.execute("SELECT * FROM webhooks WHERE CAST(id AS TEXT) = ?",
                     (webhook_id,)).fetchone()
    if row is None:
        raise ApiError(404, "not_found", f"no webhook {webhook_id!r}")
    return row


def _as_json(db, row):
    pending, failed = db.execute(
        "SELECT count(*) FILTER (WHERE attempts < ?), count(*) FILTER (WHERE attempts >= ?)"
        " FROM deliveries WHERE webhook_id = ?", (MAX_ATTEMPTS, MAX_ATTEMPTS, row["id"])).fetchone()
    return {"id": str(row["id"]), "url": row["url"], "events": json.loads(row["events"]),
            "createdAt": row["created_at"], "pending": pending, "failed": failed}
