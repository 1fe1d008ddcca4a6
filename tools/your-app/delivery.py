"""Delivery of events: worker threads that empty the outbox."""

import http.client
import ssl
import threading
import time
import urllib.parse

from database import MAX_ATTEMPTS
from webhooks import sign

TIMEOUT_SECONDS = 5
WORKERS = 4


class Deliverer:
    """A delivery that failed MAX_ATTEMPTS times stays in the outbox and counts as failed."""

    def __init__(self, database, backoff_seconds):
        self._database = database
        self._backoff_seconds = backoff_seconds
        self._changed = threading.Condition()
        self._round = 0
        self._stopped = False
        with database.transaction() as db:  # what a previous run was cut off in
            db.execute("UPDATE deliveries SET next_at = min(next_at, ?)", (time.time(),))
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(WORKERS)]
        for thread in self._threads:
            thread.start()

    def wake(self):
        with self._changed:
            self._round += 1
            self._changed.notify_all()

    def stop(self):
        """What is under way when this times out is delivered again after the next start."""
        self._stopped = True
        self.wake()
        for thread in self._threads:
            thread.join(TIMEOUT_SECONDS)

    def _work(self):
        while not self._stopped:
            seen = self._round
            delivery, wait_seconds = self._claim()
            if delivery:
                self._deliver(delivery)
                continue
            with self._changed:
                self._changed.wait_for(lambda: self._stopped or self._round != seen, wait_seconds)

    def _claim(self):
        """The delivery that is due, counted as tried and put off until its answer can be known."""
        now = time.time()
        with self._database.transaction() as db:
            row = db.execute(
                "SELECT d.*, w.url, w.secret FROM deliveries d"
                " JOIN webhooks w ON w.id = d.webhook_id"
                f" WHERE d.attempts < {MAX_ATTEMPTS} ORDER BY d.next_at LIMIT 1").fetchone()
            if row is None:
                return None, None
            if row["next_at"] > now:
                return None, row["next_at"] - now
            db.execute("UPDATE deliveries SET attempts = attempts + 1, next_at = ? WHERE id = ?",
                       (now + 2 * TIMEOUT_SECONDS, row["id"]))
            return row, None

    def _deliver(self, row):
        if _post(row):
            statement, values = "DELETE FROM deliveries WHERE id = ?", (row["id"],)
        else:
            next_at = time.time() + self._backoff_seconds * 2 ** row["attempts"]
            statement, values = ("UPDATE deliveries SET next_at = ? WHERE id = ?",
                                 (next_at, row["id"]))
        with self._database.transaction() as db:
            db.execute(statement, values)


def _post(row):
    body = row["body"].encode()
    parts = urllib.parse.urlsplit(row["url"])
    headers = {"Content-Type": "application/json", "User-Agent": "your-app",
               "X-YourApp-Event": row["event"], "X-YourApp-Delivery": row["id"],
               "X-YourApp-Signature": sign(row["secret"], body)}
    if parts.scheme == "https":
        connection = http.client.HTTPSConnection(parts.hostname, parts.port, timeout=TIMEOUT_SECONDS,
                                                 context=ssl.create_default_context())
    else:
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=TIMEOUT_SECONDS)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target, body, headers)
        return 200 <= connection.getresponse().status < 300
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
