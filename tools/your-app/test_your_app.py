#!/usr/bin/env python3
"""Behaviour of your-app through its public surface: process and HTTP."""

import http.client
import socket
import threading
import unittest

from testing import App, AppTest, KEY


class Process(AppTest):
    def test_says_ready_with_its_address_and_ends_on_sigterm(self):
        self.assertRegex(self.app.ready_line, r"^ready http://127\.0\.0\.1:\d+\n$")
        self.assertEqual(self.app.call("GET", "/health", key=None), (200, {"status": "ok"}))
        self.assertEqual(self.app.stop(), 0)

    def test_keeps_records_when_killed(self):
        record = self.create(title="kept")
        self.app.kill()
        self.app.start()
        self.assertEqual(self.app.call("GET", f"/api/tickets/{record['id']}"), (200, record))

    def test_finishes_an_answer_under_way_when_ended(self):
        app = App("--enable-faults")
        self.addCleanup(app.close)
        app.call("POST", "/test/faults", {"delayMs": 300})
        answers = []
        caller = threading.Thread(
            target=lambda: answers.append(app.call("POST", "/api/tickets", {"title": "a"})))
        caller.start()
        self.eventually(lambda: app.call("GET", "/test/requests")[1]["total"] == 1)
        self.assertEqual(app.stop(), 0)
        caller.join()
        self.assertEqual(answers[0][0], 201)

    def test_shows_tickets_to_humans_with_markup_disarmed(self):
        self.create(title="<script>alert(1)</script>")
        connection = http.client.HTTPConnection(self.app.address)
        self.addCleanup(connection.close)
        connection.request("GET", "/")
        page = connection.getresponse().read().decode()
        self.assertIn("&lt;script&gt;alert(1)", page)
        self.assertNotIn("<script>", page)


class Refusals(AppTest):
    def test_needs_the_key(self):
        for key in (None, "", "wrong", KEY + "x"):
            self.refused(401, "unauthorized", self.app.call("GET", "/api/tickets", key=key))
            self.refused(401, "unauthorized", self.app.call("POST", "/api/tickets", {}, key=key))
        self.assertEqual(self.all_records(), [])

    def test_names_what_is_wrong(self):
        call = self.app.call
        self.refused(400, "not_json", call("POST", "/api/tickets", raw="{"))
        self.refused(400, "not_json", call("POST", "/api/tickets", raw='{"a": NaN}'))
        self.refused(400, "not_json", call("POST", "/api/tickets", raw="[" * 100000))
        self.refused(422, "invalid", call("POST", "/api/tickets", [1]))
        self.refused(422, "invalid", call("POST", "/api/tickets", {"externalId": 7}))
        self.refused(422, "invalid", call("POST", "/api/tickets", raw='{"externalId": "\\ud800"}'))
        self.refused(422, "read_only", call("POST", "/api/tickets", {"version": 7}))
        self.refused(400, "invalid", call("GET", "/api/tickets?limit=501"))
        self.refused(400, "invalid", call("GET", "/api/tickets?cursor=nonsense"))
        self.refused(400, "invalid", call("GET", "/api/tickets?updatedSince=yesterday"))
        self.refused(404, "not_found", call("GET", "/api/tickets/99"))
        self.refused(404, "not_found", call("GET", "/api/tickets/one"))
        self.refused(404, "not_found", call("GET", "/api/Tickets"))
        self.refused(404, "not_found", call("GET", "/elsewhere"))
        self.refused(405, "method_not_allowed", call("PUT", "/api/tickets", {}))

    def test_has_no_test_paths_unless_asked(self):
        self.refused(404, "not_found", self.app.call("GET", "/test/requests"))
        self.refused(404, "not_found", self.app.call("POST", "/test/faults", {"failNext": 1}))

    def test_refuses_a_body_without_length_or_too_large(self):
        for line, status in ((b"Transfer-Encoding: chunked", b"411"),
                             (b"Content-Length: 99999999999", b"413")):
            with socket.create_connection(self.app.address.split(":")) as peer:
                peer.sendall(b"POST /api/tickets HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer "
                             + KEY.encode() + b"\r\n" + line + b"\r\n\r\n")
                answer = b"".join(iter(lambda: peer.recv(4096), b""))
            self.assertTrue(answer.startswith(b"HTTP/1.1 " + status), answer)


class Records(AppTest):
    def test_creates_and_gets(self):
        record = self.create(title="It broke", externalId="e1", labels=["a"], gone=None)
        self.assertEqual((record["title"], record["externalId"], record["version"]),
                         ("It broke", "e1", 1))
        self.assertNotIn("gone", record)
        self.assertRegex(record["createdAt"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
        self.assertEqual(self.app.call("GET", f"/api/tickets/{record['id']}"), (200, record))
        self.refused(404, "not_found", self.app.call("GET", f"/api/notes/{record['id']}"))

    def test_update_replaces_named_fields_and_raises_the_version(self):
        path = "/api/tickets/" + self.create(title="a", status="open", note="n")["id"]
        status, record = self.app.call("PATCH", path, {"status": "closed", "note": None})
        self.assertEqual((status, record["title"], record["status"], record["version"]),
                         (200, "a", "closed", 2))
        self.assertNotIn("note", record)
        self.assertEqual(self.app.call("PATCH", path, {"status": "closed"}), (200, record))

    def test_update_with_if_match_refuses_another_version(self):
        path = "/api/tickets/" + self.create(title="a")["id"]
        self.assertEqual(self.app.call("PATCH", path, {"title": "b"}, If_Match='"1"')[0], 200)
        self.refused(412, "version_mismatch",
                     self.app.call("PATCH", path, {"title": "c"}, If_Match='"1"'))

    def test_allows_one_record_per_external_id(self):
        first = self.create(externalId="e1")
        answer = self.app.call("POST", "/api/tickets", {"externalId": "e1"})
        self.refused(409, "duplicate_external_id", answer)
        self.assertEqual(answer[1]["error"]["id"], first["id"])
        second = self.create(externalId="e2")
        self.refused(409, "duplicate_external_id",
                     self.app.call("PATCH", f"/api/tickets/{second['id']}", {"externalId": "e1"}))
        self.assertEqual(self.app.call("POST", "/api/notes", {"externalId": "e1"})[0], 201)

    def test_many_callers_at_once_make_one_record_per_external_id(self):
        def caller():
            for number in range(20):
                self.app.call("POST", "/api/tickets/upsert",
                              {"records": [{"externalId": str(number)}]})
        callers = [threading.Thread(target=caller) for _ in range(4)]
        for thread in callers:
            thread.start()
        for thread in callers:
            thread.join()
        self.assertEqual(sorted(int(record["externalId"]) for record in self.all_records()),
                         list(range(20)))

    def test_deletes(self):
        path = "/api/tickets/" + self.create(externalId="e1")["id"]
        self.assertEqual(self.app.call("DELETE", path), (204, None))
        self.refused(404, "not_found", self.app.call("DELETE", path))
        self.create(externalId="e1")

    def test_pages_through_all_of_them_even_while_they_change(self):
        created = [self.create(number=number)["id"] for number in range(7)]
        seen, cursor = [], ""
        while cursor is not None:
            query = f"&cursor={cursor}" if cursor else ""
            page = self.app.call("GET", f"/api/tickets?limit=3{query}")[1]
            for record in page["records"]:
                seen.append(record["id"])
                self.app.call("PATCH", f"/api/tickets/{record['id']}", {"seen": True})
            cursor = page["nextCursor"]
        self.assertEqual(seen, created)

    def test_filters_by_external_id_and_update_time(self):
        old, changed = self.create(externalId="old"), self.create(externalId="changed")
        page = self.app.call("GET", "/api/tickets?externalId=old")[1]
        self.assertEqual(page, {"records": [old], "nextCursor": None})
        record = changed
        while record["updatedAt"] == changed["updatedAt"]:
            path = f"/api/tickets/{changed['id']}"
            record = self.app.call("PATCH", path, {"title": f"v{record['version']}"})[1]
        page = self.app.call("GET", f"/api/tickets?updatedSince={record['updatedAt']}")[1]
        self.assertEqual(page["records"], [record])

    def test_upsert_tells_created_updated_and_unchanged(self):
        records = [{"externalId": "a", "title": "1"}, {"externalId": "b", "title": "1"}]
        status, answer = self.app.call("POST", "/api/tickets/upsert", {"records": records})
        self.assertEqual((status, answer["created"]), (200, 2))
        records[1]["title"] = "2"
        records.append({"externalId": "c"})
        answer = self.app.call("POST", "/api/tickets/upsert", {"records": records})[1]
        self.assertEqual([(entry["externalId"], entry["result"], entry["version"])
                          for entry in answer["results"]],
                         [("a", "unchanged", 1), ("b", "updated", 2), ("c", "created", 1)])

    def test_upsert_is_all_or_nothing_and_limited(self):
        def upsert(records):
            return self.app.call("POST", "/api/tickets/upsert", {"records": records})
        answer = upsert([{"externalId": "a"}, {"title": "no external id"}])
        self.refused(422, "invalid", answer)
        self.assertIn("records[1]", answer[1]["error"]["message"])
        many = [{"externalId": str(number)} for number in range(1001)]
        self.refused(422, "too_many", upsert(many))
        self.assertEqual(self.all_records(), [])
        self.assertEqual(upsert(many[:1000])[1]["created"], 1000)


class IdempotencyKeys(AppTest):
    options = ("--enable-faults",)

    def test_gives_the_first_answer_again(self):
        first = self.app.call("POST", "/api/tickets", {"title": "a"}, Idempotency_Key="k1")
        again = self.app.call("POST", "/api/tickets", {"title": "a"}, Idempotency_Key="k1")
        self.assertEqual(again, first)
        self.assertEqual(self.app.last_headers["Idempotent-Replayed"], "true")
        self.assertEqual(len(self.all_records()), 1)

    def test_remembers_across_a_kill(self):
        first = self.app.call("POST", "/api/tickets", {"title": "a"}, Idempotency_Key="k1")
        self.app.kill()
        self.app.start()
        self.assertEqual(
            self.app.call("POST", "/api/tickets", {"title": "a"}, Idempotency_Key="k1"), first)

    def test_refuses_the_key_of_another_request(self):
        self.app.call("POST", "/api/tickets", {"title": "a"}, Idempotency_Key="k1")
        for path, body in (("/api/tickets", {"title": "b"}), ("/api/notes", {"title": "a"})):
            self.refused(422, "idempotency_key_reused",
                         self.app.call("POST", path, body, Idempotency_Key="k1"))
        self.assertEqual(len(self.all_records()), 1)

    def test_a_refused_request_does_not_use_up_its_key(self):
        self.app.call("POST", "/api/tickets", {"version": 1}, Idempotency_Key="k1")
        self.assertEqual(
            self.app.call("POST", "/api/tickets", {"title": "a"}, Idempotency_Key="k1")[0], 201)

    def test_an_answer_that_was_lost_can_be_asked_for_again(self):
        self.app.call("POST", "/test/faults", {"failNext": 1, "status": 0, "when": "after"})
        with self.assertRaises((http.client.RemoteDisconnected, ConnectionError)):
            self.app.call("POST", "/api/tickets", {"title": "a"}, Idempotency_Key="k1")
        status, record = self.app.call("POST", "/api/tickets", {"title": "a"},
                                       Idempotency_Key="k1")
        self.assertEqual((status, self.all_records()), (201, [record]))


class Faults(AppTest):
    options = ("--enable-faults",)

    def test_fails_the_next_requests_as_told(self):
        self.app.call("POST", "/test/faults", {"failNext": 2, "status": 429, "retryAfter": 7})
        for _ in range(2):
            self.refused(429, "fault", self.app.call("POST", "/api/tickets", {}))
            self.assertEqual(self.app.last_headers["Retry-After"], "7")
        self.assertEqual(self.all_records(), [])
        self.refused(422, "invalid", self.app.call("POST", "/test/faults", {"failnext": 1}))

    def test_counts_requests_failed_ones_included(self):
        self.app.call("POST", "/test/faults", {"failNext": 1})
        for _ in range(3):
            self.app.call("POST", "/api/tickets", {}, Idempotency_Key="k1")
        self.app.call("GET", "/api/tickets")
        self.assertEqual(self.app.call("GET", "/test/requests")[1],
                         {"total": 4, "byIdempotencyKey": {"k1": 3},
                          "byRoute": {"POST /api/tickets": 3, "GET /api/tickets": 1}})
        self.app.call("DELETE", "/test/requests")
        self.assertEqual(self.app.call("GET", "/test/requests")[1]["total"], 0)


if __name__ == "__main__":
    unittest.main()
