"""What tests may switch on with --enable-faults: failures on demand, and what was asked of us."""

import collections
import threading

from errors import ApiError

SETTINGS = {"failNext": 0, "status": 503, "delayMs": 0, "retryAfter": None, "when": "before"}


class Faults:
    """Thread-safe. Applies to requests under /api/ only."""

    def __init__(self):
        self._lock = threading.Lock()
        self._settings = dict(SETTINGS)
        self.forget_requests()

    def configure(self, body):
        """Replaces all settings; those left out are as at the start (no faults)."""
        unknown = sorted(set(body) - set(SETTINGS))
        if unknown:
            raise ApiError(422, "invalid", f"unknown: {', '.join(unknown)};"
                           f" takes {', '.join(SETTINGS)}")
        settings = {**SETTINGS, **body}
        if settings["when"] not in ("before", "after"):
            raise ApiError(422, "invalid", 'when: "before" or "after" the request took effect')
        for name in ("failNext", "status", "delayMs"):
            if not isinstance(settings[name], int) or settings[name] < 0:
                raise ApiError(422, "invalid", f"{name}: expected a whole number of 0 or more")
        with self._lock:
            self._settings = settings
            return dict(settings)

    def note_request(self, method, path, idempotency_key):
        """Counts the request; gives the settings that apply to it ("failNext" 0: answer it)."""
        with self._lock:
            self._total += 1
            self._by_route[f"{method} {path}"] += 1
            if idempotency_key is not None:
                self._by_key[idempotency_key] += 1
            now = dict(self._settings)
            if self._settings["failNext"]:
                self._settings["failNext"] -= 1
            return now

    def requests(self):
        with self._lock:
            return {"total": self._total, "byRoute": dict(self._by_route),
                    "byIdempotencyKey": dict(self._by_key)}

    def forget_requests(self):
        with self._lock:
            self._total = 0
            self._by_route = collections.Counter()
            self._by_key = collections.Counter()
