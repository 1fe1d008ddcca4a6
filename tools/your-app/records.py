"""Records in collections. Each function runs inside the caller's transaction (`db`)."""

import base64
import json

import webhooks
from errors import ApiError
from times import normal_time, timestamp

MAX_UPSERT = 1000
MAX_PAGE = 500
DEFAULT_PAGE = 50
SET_BY_THE_APP = ("id", "version", "createdAt", "updatedAt")


def create(db, collection, body, actor):
    external_id, fields = _split(body)
    if external_id is not None:
        row = _by_external_id(db, collection, external_id)
        if row:
            raise ApiError(409, "duplicate_external_id",
                           f"a record with externalId {external_id!r} exists already",
                           id=str(row["id"]))
    return _insert(db, collection, external_id, fields, actor)


def get(db, collection, record_id):
    return _as_json(_row(db, collection, record_id))


def update(db, collection, record_id, body, actor, if_match=None):
    row = _row(db, collection, record_id)
    if if_match is not None and if_match.strip('" ') != str(row["version"]):
        raise ApiError(412, "version_mismatch",
                       f"the record is at version {row['version']}, not {if_match}",
                       version=row["version"])
    external_id, fields = _split(body)
    if external_id is None and "externalId" not in body:
        external_id = row["external_id"]
    elif external_id is not None:
        other = _by_external_id(db, collection, external_id)
        if other and other["id"] != row["id"]:
            raise ApiError(409, "duplicate_external_id",
                           f"another record has the externalId {external_id!r}",
                           id=str(other["id"]))
    return _merge(db, row, external_id, fields, actor)[0]


def delete(db, collection, record_id, actor):
    row = _row(db, collection, record_id)
    db.execute("DELETE FROM records WHERE id = ?", (row["id"],))
    webhooks.enqueue(db, f"{collection}.deleted", _as_json(row), actor)


def upsert(db, collection, body, actor):
    """All or nothing: one bad record refuses the whole request."""
    records = body.get("records")
    if not isinstance(records, list) or not records:
        raise ApiError(422, "invalid", "records: expected a list with at least one record")
    if len(records) > MAX_UPSERT:
        raise ApiError(422, "too_many", f"records: at most {MAX_UPSERT}, got {len(records)}")
    results = []
    for index, record in enumerate(records):
        external_id, fields = _split(record, where=f"records[{index}]")
        if external_id is None:
            raise ApiError(422, "invalid", f"records[{index}].externalId: missing", index=index)
        row = _by_external_id(db, collection, external_id)
        if row:
            record, changed = _merge(db, row, external_id, fields, actor)
            result = "updated" if changed else "unchanged"
        else:
            record, result = _insert(db, collection, external_id, fields, actor), "created"
        results.append({"id": record["id"], "externalId": external_id,
                        "version": record["version"], "result": result})
    totals = {name: sum(entry["result"] == name for entry in results)
              for name in ("created", "updated", "unchanged")}
    return {"results": results, **totals}


def page(db, collection, query):
    """Ordered by id, so a record that changes while someone pages is neither lost nor repeated."""
    limit = _limit(query.get("limit"))
    where, values = ["collection = ?"], [collection]
    if "cursor" in query:
        where.append("id > ?")
        values.append(_decode_cursor(query["cursor"]))
    if "externalId" in query:
        where.append("external_id = ?")
        values.append(query["externalId"])
    if "updatedSince" in query:
        where.append("updated_at >= ?")
        values.append(normal_time("updatedSince", query["updatedSince"]))
    rows = db.execute(f"SELECT * FROM records WHERE {' AND '.join(where)} ORDER BY id LIMIT ?",
                      (*values, limit + 1)).fetchall()
    more = len(rows) > limit
    rows = rows[:limit]
    return {"records": [_as_json(row) for row in rows],
            "nextCursor": _encode_cursor(rows[-1]["id"]) if more else None}


def newest(db, collection, count):
    rows = db.execute("SELECT * FROM records WHERE collection = ? ORDER BY id DESC LIMIT ?",
                      (collection, count))
    return [_as_json(row) for row in rows]


def _split(body, where="body"):
    if not isinstance(body, dict):
        raise ApiError(422, "invalid", f"{where}: expected an object")
    fields = dict(body)
    external_id = fields.pop("externalId", None)
    if external_id is not None and not _is_text(external_id):
        raise ApiError(422, "invalid", f"{where}.externalId: expected a non-empty string")
    for name in SET_BY_THE_APP:
        if name in fields:
            raise ApiError(422, "read_only", f"{where}.{name}: set by the app, leave it out")
    return external_id, fields


def _is_text(value):
    try:
        return isinstance(value, str) and bool(value.encode())
    except UnicodeEncodeError:  # half a surrogate pair
        return False


def _insert(db, collection, external_id, fields, actor):
    now = timestamp()
    fields = {name: value for name, value in fields.items() if value is not None}
    row = db.execute(
        "INSERT INTO records (collection, external_id, version, created_at, updated_at, fields)"
        " VALUES (?, ?, 1, ?, ?, ?) RETURNING *",
        (collection, external_id, now, now, json.dumps(fields))).fetchone()
    record = _as_json(row)
    webhooks.enqueue(db, f"{collection}.created", record, actor)
    return record


def _merge(db, row, external_id, changes, actor):
    """Replaces the fields named in changes; null removes one. Nothing changed: no new version."""
    before = json.loads(row["fields"])
    after = {name: value for name, value in {**before, **changes}.items() if value is not None}
    if after == before and external_id == row["external_id"]:
        return _as_json(row), False
    row = db.execute(
        "UPDATE records SET external_id = ?, version = version + 1, updated_at = ?, fields = ?"
        " WHERE id = ? RETURNING *",
        (external_id, timestamp(), json.dumps(after), row["id"])).fetchone()
    record = _as_json(row)
    webhooks.enqueue(db, f"{row['collection']}.updated", record, actor)
    return record, True


def _row(db, collection, record_id):
    row = None
    if record_id.isascii() and record_id.isdigit() and len(record_id) < 19:
        row = db.execute("SELECT * FROM records WHERE id = ? AND collection = ?",
                         (int(record_id), collection)).fetchone()
    if row is None:
        raise ApiError(404, "not_found", f"no record {record_id!r} in {collection}")
    return row


def _by_external_id(db, collection, external_id):
    return db.execute("SELECT * FROM records WHERE collection = ? AND external_id = ?",
                      (collection, external_id)).fetchone()


def _as_json(row):
    return {"id": str(row["id"]), "externalId": row["external_id"], "version": row["version"],
            "createdAt": row["created_at"], "updatedAt": row["updated_at"],
            **json.loads(row["fields"])}


def _limit(text):
    if text is None:
        return DEFAULT_PAGE
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= MAX_PAGE:
        raise ApiError(400, "invalid", f"limit: expected 1 to {MAX_PAGE}, got {text!r}")
    return int(text)


def _encode_cursor(last_id):
    return base64.urlsafe_b64encode(str(last_id).encode()).decode()


def _decode_cursor(text):
    try:
        return int(base64.urlsafe_b64decode(text.encode())[:18])
    except ValueError:
        raise ApiError(400, "invalid", "cursor: not one of ours") from None
