"""Which request does what: routes of the REST API, without HTTP's wire format."""

import dataclasses
import json
import re

import idempotency
import records
import webhooks
from errors import ApiError

COLLECTION = re.compile(r"[a-z][a-z0-9-]{0,62}")


@dataclasses.dataclass
class Request:
    method: str
    path: str
    query: dict
    headers: object
    raw_body: bytes


class Api:
    def __init__(self, database, wake_deliverer):
        self._database = database
        self._wake_deliverer = wake_deliverer

    def answer(self, request):
        """(status, JSON answer or None, extra headers); raises ApiError."""
        parts = request.path.strip("/").split("/")[1:]
        if not parts or len(parts) > 2 or not COLLECTION.fullmatch(parts[0]):
            raise ApiError(404, "not_found", f"no such path: {request.path}")
        routes = self._webhook_routes if parts[0] == "webhooks" else self._record_routes
        with self._database.transaction() as db:
            handlers = routes(db, request, *parts)
            handler = handlers.get(request.method)
            if handler is None:
                raise ApiError(405, "method_not_allowed",
                               f"{request.path} takes {', '.join(sorted(handlers))}")
            if request.method == "POST":
                status, body, replayed = idempotency.once(
                    db, request.headers.get("Idempotency-Key"), request.method, request.path,
                    request.raw_body, handler)
            else:
                (status, body), replayed = handler(), False
        if request.method != "GET":
            self._wake_deliverer()
        return status, body, {"Idempotent-Replayed": "true"} if replayed else {}

    def _record_routes(self, db, request, collection, name=None):
        actor = request.headers.get("X-Actor")
        if name is None:
            return {"GET": lambda: (200, records.page(db, collection, request.query)),
                    "POST": lambda: (201, records.create(db, collection, json_body(request), actor))}
        if name == "upsert":
            return {"POST": lambda: (200, records.upsert(db, collection, json_body(request), actor))}
        return {"GET": lambda: (200, records.get(db, collection, name)),
                "PATCH": lambda: (200, records.update(db, collection, name, json_body(request), actor,
                                                      request.headers.get("If-Match"))),
                "DELETE": lambda: (204, records.delete(db, collection, name, actor))}

    def _webhook_routes(self, db, request, _, name=None):
        if name is None:
            return {"GET": lambda: (200, {"webhooks": webhooks.subscriptions(db)}),
                    "POST": lambda: (201, webhooks.subscribe(db, json_body(request)))}
        return {"GET": lambda: (200, webhooks.subscription(db, name)),
                "DELETE": lambda: (204, webhooks.unsubscribe(db, name))}


def json_body(request):
    try:
        body = json.loads(request.raw_body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        raise ApiError(400, "not_json", "the body is not JSON") from None
    if not isinstance(body, dict):
        raise ApiError(422, "invalid", "body: expected an object")
    return body


def _refuse_constant(name):
    raise ValueError(f"{name} is not JSON")
